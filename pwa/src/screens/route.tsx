// Which screen an address is. What the first banner needs is there at once; the others are a second script, fetched
// behind the first screen (main.tsx) and held by the worker like all else.
import { useEffect, useState } from "#view/hooks";
import type { Component } from "#view/jsx-runtime";
import { goInstead, useRoute } from "../ui/router";
import { Enrol } from "./enrol";
import { FormScreen } from "./form";
import { NewScreen } from "./form/new";
import { Home } from "./home";

export type Screens = Readonly<Record<string, Component<{ readonly id: string }>>>;

const FIRST: Screens = { "": Home, new: NewScreen, form: FormScreen, enrol: Enrol };
let others: Screens | undefined;

export async function loadOthers(): Promise<void> {
  others ??= (await import("./others")).OTHERS;
}

/** `only` is the one screen of a phone that is not enrolled. */
export function Screen({ only }: { readonly only?: string }) {
  const [address = "", id = ""] = useRoute();
  const [, loaded] = useState(others);
  const name = only ?? address;
  const screens = { ...FIRST, ...others };
  const Found = Object.hasOwn(screens, name) ? screens[name] : undefined;
  useEffect(() => {
    if (Found) return;
    if (others) goInstead("");
    else void loadOthers().then(() => loaded(others));
  }, [Found]);
  return Found && <Found key={`${name} ${id}`} id={id} />;
}
