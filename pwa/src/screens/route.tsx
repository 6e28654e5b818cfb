// Which screen an address is.
import { useEffect, useState } from "preact/hooks";
import { goInstead, useRoute } from "../ui/router";
import { Home } from "./home";
import type { ScreenTable } from "./rest";

/** `only` is the one screen of a phone that is not enrolled. */
export function Screen({ only }: { readonly only?: string }) {
  const [address = "", id = ""] = useRoute();
  const rest = useRest();
  const name = only ?? address;
  const nowhere = rest && name && !Object.hasOwn(rest, name);
  useEffect(() => {
    if (nowhere) goInstead("");
  }, [nowhere]);
  if (name === "") return <Home />;
  const Found = rest?.[name];
  return Found && !nowhere ? <Found key={`${name} ${id}`} id={id} /> : null;
}

function useRest(): ScreenTable | undefined {
  const [rest, setRest] = useState<ScreenTable>();
  useEffect(() => {
    const load = async () => setRest((await import("./rest")).SCREENS);
    // The network went between the page and this file: asked for again when it is back.
    load().catch(() => addEventListener("online", () => void load(), { once: true }));
  }, []);
  return rest;
}
