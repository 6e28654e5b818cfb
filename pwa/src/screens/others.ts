// What is not needed for the first banner, as one script: sending, photos behind the shutter, the other screens, parts of
// the first ones.
import { beginNext } from "../device/begin-next";
import { everything } from "../device/everything";
import { takeIn } from "../device/photo";
import { LanguageSwitch } from "../ui/language";
import { Alerts, Before } from "./alerts";
import { Install } from "./alerts/install";
import { Deleted } from "./deleted";
import { FileScreen } from "./file";
import { Waiting } from "./form/waiting";
import { Full } from "./full";
import { Help } from "./help";
import { Drafts } from "./home/drafts";
import { HomeLists } from "./home/lists";
import { Notes } from "./home/notes";
import type { Screens } from "./later";
import { LeaveScreen } from "./leave";
import { Officers } from "./leave/officers";
import { PinScreen } from "./leave/pin";
import { RescueScreen } from "./leave/rescue";
import { PlanScreen } from "./plan";
import { RecordScreen } from "./record";
import { RegimesScreen } from "./regimes";
import { Search } from "./search";
import { share } from "./share";
import { SyncScreen } from "./sync";

const screens: Screens = {
  record: RecordScreen,
  sync: SyncScreen,
  deleted: Deleted,
  file: FileScreen,
  plan: PlanScreen,
  lists: HomeLists,
  drafts: Drafts,
  notes: Notes,
  rescue: RescueScreen,
  leave: LeaveScreen,
  officers: Officers,
  pin: PinScreen,
  search: Search,
  help: Help,
  regimes: RegimesScreen,
  alerts: Alerts,
  before: Before,
  install: Install,
  language: LanguageSwitch,
  full: Full,
};

export default { send: everything, take: takeIn, next: beginNext, handOn: share, Together: Waiting, screens };
