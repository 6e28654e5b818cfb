// What the first banner does not need is a second script, fetched behind the first screen and held by the worker like
// all else: whole screens, and parts of the home screen.
import { useEffect, useState } from "#view/hooks";
import type { Component } from "#view/jsx-runtime";
import type { Db } from "../device/db";

export type Screens = Readonly<Record<string, Component<{ readonly id: string }>>>;

let others: Screens | undefined;

export async function send(db: Db, token: string): Promise<void> {
  await (await import("./others")).send(db, token);
}

/** Undefined until they are there. */
export function useOthers(): Screens | undefined {
  const [, loaded] = useState(others);
  useEffect(() => {
    if (others) return;
    void import("./others").then(({ OTHERS }) => {
      others = OTHERS;
      loaded(others);
    });
  }, []);
  return others;
}

/** A part of a screen; nothing until it is there. */
export function Later({ part }: { readonly part: string }) {
  const Part = useOthers()?.[part];
  return Part && <Part id="" />;
}
