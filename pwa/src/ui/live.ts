// What a screen shows, read from the database and read again whenever anything on the phone changed.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { changeCount, onChange } from "../platform/changed";

/** An answer, and the count of changes at which it was asked for (platform/changed.ts). */
export interface Read<T> {
  readonly value: T;
  readonly at: number;
}

/**
 * `key` says what is read: another key reads anew. `known`, or else undefined, until the first answer. An answer equal to the one
 * before draws nothing, so it says all that is drawn; a new day draws every screen (app.tsx).
 */
export function useLive<T>(read: () => Promise<T>, key = "", known?: T): T | undefined {
  return useReading(read, key, known);
}

/** The same; what is known and has not changed since is not read again. */
export function useSteady<T>(read: () => Promise<T>, key = "", known?: Read<T>): T | undefined {
  return useReading(read, key, known?.value, known?.at);
}

function useReading<T>(
  read: () => Promise<T>,
  key: string,
  known: T | undefined,
  at?: number,
): T | undefined {
  const [value, setValue] = useState<T | undefined>(known);
  const latest = useRef(read);
  const held = useRef(at);
  latest.current = read;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for what is read.
  useLayoutEffect(() => {
    let asked = 0;
    let shown = 0;
    const load = async () => {
      asked += 1;
      const turn = asked;
      const found = await latest.current();
      // An older read that ends later does not replace a newer one.
      if (turn < shown) return;
      shown = turn;
      setValue((before) => (equalData(before, found) ? before : found));
    };
    const off = onChange(() => void load());
    if (held.current !== changeCount()) void load();
    // Another key is another question.
    held.current = undefined;
    return () => {
      shown = Number.POSITIVE_INFINITY;
      off();
    };
  }, [key]);
  return value;
}

/** Of values as JSON has them; of anything else, only a thing and itself. */
export function equalData(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!(isData(a) && isData(b)) || Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equalData(a[name], b[name]))
  );
}

function isData(one: unknown): one is Record<string, unknown> {
  const made = typeof one === "object" && one !== null && Object.getPrototypeOf(one);
  return made === Object.prototype || made === Array.prototype;
}
