// The draft behind a form: each change is on its way to the disk before the next key is struck. A form that was only
// looked at leaves none.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Value } from "../../core/write";
import type { DraftRow } from "../../db/schema";
import { noteTaken } from "../../photos/tray";
import { useApp } from "../../ui/app-context";

export type SetField = (name: string, value: Value) => void;
/** Ends when the value is on the disk, and with it that the photo of this file is taken in. False: the form had ended. */
export type KeepPhoto = (name: string, value: Value, file: Request | undefined) => Promise<boolean>;

interface OpenDraft {
  /** As it is drawn. */
  readonly draft: DraftRow;
  readonly set: SetField;
  readonly keepPhoto: KeepPhoto;
  readonly latest: RefObject<DraftRow>;
  /** Set once it is being saved or let go: nothing puts it back. */
  readonly ended: RefObject<boolean>;
}

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

export function useDraft(initial: DraftRow): OpenDraft {
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
  const keepPhoto: KeepPhoto = (name, value, file) => {
    if (ended.current) return Promise.resolve(false);
    const { [name]: _, ...others } = latest.current.now;
    const now = value === null ? others : { ...others, [name]: value };
    latest.current = { ...latest.current, now, untouched: false };
    setDraft(latest.current);
    const { current } = latest;
    return db.atomically(
      async (tx) => {
        // One that is gone with its record (SPEC L-12) stays gone.
        if (!(await tx.get("drafts", current.id))) return false;
        await tx.put("drafts", current);
        if (file) await noteTaken(tx, file);
        return true;
      },
      ["drafts", "meta"],
    );
  };
  const set: SetField = (name, value) => void keepPhoto(name, value, undefined);
  return { draft, set, keepPhoto, latest, ended };
}
