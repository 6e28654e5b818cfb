// All screens that are not the first one: a part of the app of their own, which comes behind the first screen (route.tsx). The
// worker holds it like everything else.
import type { ComponentType } from "preact";
import type { Db } from "../db/schema";
import { finishCaptures } from "../photos/finish";
import { Deleted } from "./deleted";
import { FileScreen } from "./file";
import { FormScreen } from "./form";
import { NewScreen } from "./form/begin";
import { GiveScreen } from "./give";
import { Guide, Help } from "./help";
import { NewsScreen } from "./home/news";
import { TasksScreen } from "./home/tasks";
import { LeaveScreen } from "./leave";
import { Officers } from "./leave/officers";
import { PinScreen } from "./leave/pin";
import { RescueScreen } from "./leave/rescue";
import { PlanScreen } from "./plan";
import { Received, ReceivedPhotos } from "./received";
import { RecordScreen } from "./record";
import { RegimesScreen } from "./regimes";
import { Search } from "./search";
import { SettingsScreen } from "./settings";
import { TrainingScreen } from "./settings/training";
import { SummaryScreen } from "./summary";
import { SyncScreen } from "./sync";
import { Full } from "./sync/storage";

/** What a page that was killed left lying there is taken in by this part of the app; what could not be done waits for its officer. */
export function finishLeft(db: Db): Promise<void> {
  return finishCaptures(db);
}

export type Screens = Readonly<Record<string, ComponentType<{ readonly id: string }>>>;

export const LATER: Screens = {
  new: NewScreen,
  form: FormScreen,
  documents: Received,
  photos: ReceivedPhotos,
  tasks: TasksScreen,
  news: NewsScreen,
  record: RecordScreen,
  sync: SyncScreen,
  deleted: Deleted,
  file: FileScreen,
  plan: PlanScreen,
  rescue: RescueScreen,
  leave: LeaveScreen,
  officers: Officers,
  pin: PinScreen,
  search: Search,
  help: Help,
  regimes: RegimesScreen,
  full: Full,
  settings: SettingsScreen,
  training: TrainingScreen,
  guide: Guide,
  summary: SummaryScreen,
  give: GiveScreen,
};
