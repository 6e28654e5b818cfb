// Which screen an address is: its first part is the screen's name, its second the id that the screen is given.
import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { lazily } from "../ui/lazy";
import { goInstead, useRoute } from "../ui/router";
import { Deleted } from "./deleted";
import { Enrol } from "./enrol";
import { FileScreen } from "./file";
import { FormScreen } from "./form";
import { NewScreen } from "./form/begin";
import { Guide, Help } from "./help";
import { Home } from "./home";
import { LeaveScreen } from "./leave";
import { Officers } from "./leave/officers";
import { PinScreen } from "./leave/pin";
import { RescueScreen } from "./leave/rescue";
import { PlanScreen } from "./plan";
import { RecordScreen } from "./record";
import { RegimesScreen } from "./regimes";
import { Search } from "./search";
import { SettingsScreen } from "./settings";
import { TrainingScreen } from "./settings/training";
import { SummaryScreen } from "./summary";
import { SyncScreen } from "./sync";
import { Full } from "./sync/storage";

const SCREENS: Readonly<Record<string, ComponentType<{ readonly id: string }>>> = {
  "": Home,
  new: NewScreen,
  form: FormScreen,
  enrol: Enrol,
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
  // It needs a network all the same.
  give: lazily(async () => (await import("./give")).GiveScreen),
};

interface Props {
  /** The one screen there is now: of a phone that is not enrolled, or is locked. */
  readonly only?: string | false | undefined;
  /** Screens that are there all the same. */
  readonly but?: readonly string[];
}

export function Screen({ only, but }: Props) {
  const route = useRoute();
  const [address = "", id = ""] = route;
  const name = only && !but?.includes(address) ? only : address;
  const Found = Object.hasOwn(SCREENS, name) ? SCREENS[name] : undefined;
  useEffect(() => {
    if (!Found) goInstead("");
  }, [Found]);
  // Once the new screen is there: before, the old one would be laid out once more.
  const first = useRef(route);
  useLayoutEffect(() => {
    if (route !== first.current) scrollTo(0, 0);
  }, [route]);
  useEffect(() => announced(route === first.current), [route]);
  if (!Found) return null;
  // One element a screen: it goes as a whole, where each part's going would style the others anew.
  return (
    <div key={`${name} ${id}`}>
      {/* What stands behind another screen's name says nothing to the one that is there instead. */}
      <Found id={name === address ? id : ""} />
    </div>
  );
}

/**
 * Where one is now: the title of the page, and for who hears the screen the focus on its heading, unless a screen put it
 * elsewhere. A screen that is read from the database has its heading a moment later. Returns how to stop looking.
 */
function announced(first: boolean): () => void {
  const look = () => {
    const heading = document.querySelector<HTMLElement>("main h1");
    if (!heading) return false;
    const text = heading.querySelector("select")?.selectedOptions[0]?.text ?? heading.textContent;
    document.title = `${text} · Loa`;
    if (!first && (document.activeElement ?? document.body) === document.body) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    return true;
  };
  if (look()) return () => undefined;
  const watch = new MutationObserver(() => look() && watch.disconnect());
  watch.observe(document.body, { childList: true, subtree: true });
  return () => watch.disconnect();
}
