// The screens that are not needed for the first banner: one script of their own.
import { Deleted } from "./deleted";
import { RecordScreen } from "./record";
import type { Screens } from "./route";
import { SyncScreen } from "./sync";

export const OTHERS: Screens = { record: RecordScreen, sync: SyncScreen, deleted: Deleted };
