// Which screen an address is.

import { useEffect } from "#view/hooks";
import type { Component } from "#view/jsx-runtime";
import { goInstead, useRoute } from "../ui/router";
import { Deleted } from "./deleted";
import { Enrol } from "./enrol";
import { FormScreen } from "./form";
import { NewScreen } from "./form/new";
import { Home } from "./home";
import { RecordScreen } from "./record";
import { SyncScreen } from "./sync";

const SCREENS: Readonly<Record<string, Component<{ readonly id: string }>>> = {
  "": Home,
  new: NewScreen,
  form: FormScreen,
  record: RecordScreen,
  sync: SyncScreen,
  deleted: Deleted,
  enrol: Enrol,
};

/** `only` is the one screen of a phone that is not enrolled. */
export function Screen({ only }: { readonly only?: string }) {
  const [address = "", id = ""] = useRoute();
  const name = only ?? address;
  const Found = Object.hasOwn(SCREENS, name) ? SCREENS[name] : undefined;
  useEffect(() => {
    if (!Found) goInstead("");
  }, [Found]);
  return Found && <Found key={`${name} ${id}`} id={id} />;
}
