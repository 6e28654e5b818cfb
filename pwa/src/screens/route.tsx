// Which screen an address is. What the first banner needs is there at once, the others a moment later (later.tsx).
import { useEffect } from "#view/hooks";
import { goInstead, useRoute } from "../ui/router";
import { Enrol } from "./enrol";
import { FormScreen } from "./form";
import { NewScreen } from "./form/new";
import { Home } from "./home";
import { type Screens, useOthers } from "./later";

const FIRST: Screens = { "": Home, new: NewScreen, form: FormScreen, enrol: Enrol };

interface Props {
  /** The one screen there is now: of a phone that is not enrolled, or is locked. */
  readonly only?: string | false | undefined;
  readonly but?: readonly string[];
}

export function Screen({ only, but }: Props) {
  const [address = "", id = ""] = useRoute();
  const others = useOthers()?.screens;
  const name = only && !but?.includes(address) ? only : address;
  const screens = { ...FIRST, ...others };
  const Found = Object.hasOwn(screens, name) ? screens[name] : undefined;
  useEffect(() => {
    if (others && !Found) goInstead("");
  }, [others, Found]);
  // What stands behind another screen's name says nothing to the one that is there instead.
  return Found && <Found key={`${name} ${id}`} id={name === address ? id : ""} />;
}
