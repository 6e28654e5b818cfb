// What the first banner does not need is a second script, fetched behind the first screen and held by the worker like
// all else: whole screens, parts of others, sending, and what becomes of a photo.
import { useEffect, useState } from "#view/hooks";
import type { Component } from "#view/jsx-runtime";
import type { Db } from "../device/db";

export type Screens = Readonly<Record<string, Component<{ readonly id: string }>>>;

type Others = typeof import("./others").default;

let others: Others | undefined;

export async function later(): Promise<Others> {
  const second = await import("./others");
  others ??= second.default;
  return others;
}

export async function send(db: Db, token: string): Promise<void> {
  await (await later()).send(db, token);
}

/** Undefined until they are there. */
export function useOthers(): Others | undefined {
  const [, loaded] = useState(others);
  useEffect(() => void later().then(loaded), []);
  return others;
}

/** A part of a screen; nothing until it is there. */
export function Later({ part }: { readonly part: string }) {
  const Part = useOthers()?.screens[part];
  return Part && <Part id="" />;
}
