// The draft behind a form: each change is on its way to the disk before the next key is struck. A form that was only
// looked at leaves none.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Value } from "../../core/write";
import type { DraftRow } from "../../db/schema";
import { useApp } from "../../ui/app-context";

export type SetField = (name: string, value: Value) => void;

/** Ends the form with `work`; where that fails the form goes on, and what is typed from then on is kept. */
export async function ending<T>(ended: RefObject<boolean>, work: () => Promise<T>): Promise<T> {
  ended.current = true;
  try {
    return await work();
  } catch (error) {
    ended.current = false;
    throw error;
  }
}

/** The draft as it is drawn, and its latest; `ended` is set once it is being saved or let go: nothing puts it back. */
export function useDraft(initial: DraftRow): [DraftRow, SetField, RefObject<DraftRow>, RefObject<boolean>] {
  const { db } = useApp();
  const [draft, setDraft] = useState(initial);
  // A photo comes in long after it was asked for: changes go on from the latest draft, not from the one drawn.
  const latest = useRef(initial);
  const ended = useRef(false);
  useEffect(
    () => () => {
      if (latest.current.untouched) void db.delete("drafts", latest.current.id);
    },
    [db],
  );
  const set: SetField = (name, value) => {
    if (ended.current) return;
    const { [name]: _, ...others } = latest.current.now;
    const now = value === null ? others : { ...others, [name]: value };
    latest.current = { ...latest.current, now, untouched: false };
    setDraft(latest.current);
    const { current } = latest;
    // One that is gone with its record (SPEC L-12) stays gone.
    void db.atomically(async (tx) => {
      if (await tx.get("drafts", current.id)) await tx.put("drafts", current);
    });
  };
  return [draft, set, latest, ended];
}
