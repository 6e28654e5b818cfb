// All screens but the first, as one file of their own: the first paints without waiting for them, and they are asked
// for right after it, so that they are there when the network is not (and when an update has replaced the files).
import type { FunctionComponent } from "preact";
import { Deleted } from "./deleted";
import { Enrol } from "./enrol";
import { FormScreen } from "./form";
import { NewScreen } from "./form/new";
import { RecordScreen } from "./record";
import { SyncScreen } from "./sync";

export type ScreenTable = Readonly<Record<string, FunctionComponent<{ readonly id: string }>>>;

export const SCREENS: ScreenTable = {
  new: NewScreen,
  form: FormScreen,
  record: RecordScreen,
  sync: SyncScreen,
  deleted: Deleted,
  enrol: Enrol,
};
