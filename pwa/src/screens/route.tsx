// Which screen an address is: its first part is the screen's name, its second the id that the screen is given.
import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { goInstead, useRoute } from "../ui/router";
import { Deleted } from "./deleted";
import { Enrol } from "./enrol";
import { FileScreen } from "./file";
import { FormScreen } from "./form";
import { NewScreen } from "./form/begin";
import { Help } from "./help";
import { Home } from "./home";
import { LeaveScreen } from "./leave";
import { Officers } from "./leave/officers";
import { PinScreen } from "./leave/pin";
import { RescueScreen } from "./leave/rescue";
import { PlanScreen } from "./plan";
import { RecordScreen } from "./record";
import { RegimesScreen } from "./regimes";
import { Search } from "./search";
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
  if (!Found) return null;
  // One element a screen: it goes as a whole, where each part's going would style the others anew.
  return (
    <div key={`${name} ${id}`}>
      {/* What stands behind another screen's name says nothing to the one that is there instead. */}
      <Found id={name === address ? id : ""} />
    </div>
  );
}
