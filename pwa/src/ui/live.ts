// What a screen shows, read from the database and read again whenever anything on the phone changed.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { onChange } from "../platform/changed";

/** `key` says what is read: another key reads anew. `known`, or else undefined, until the first answer. */
export function useLive<T>(read: () => Promise<T>, key = "", known?: T): T | undefined {
  const [value, setValue] = useState<T | undefined>(known);
  const latest = useRef(read);
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
      setValue(() => found);
    };
    const off = onChange(() => void load());
    void load();
    return () => {
      shown = Number.POSITIVE_INFINITY;
      off();
    };
  }, [key]);
  return value;
}
