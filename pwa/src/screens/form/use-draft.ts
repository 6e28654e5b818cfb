// The draft behind a form: each change is on its way to the disk before the next key is struck, with what found no room before. It
// changes those fields alone of what lies there, so that a photo which comes in meanwhile, here or in another window, stays. A form
// that was only looked at leaves none.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { equal, namesFile, type Value, type Values } from "../../core/record";
import type { DraftRow, Tx } from "../../db/schema";
import { type About, capture } from "../../outbox/captures";
import { changeDraft, dropUntouched } from "../../outbox/drafts";
import { withValues } from "../../outbox/save";
import { putBytes, type ReadyFileWithBytes } from "../../photos/take-in";
import { noteTaken } from "../../photos/tray";
import { onChange } from "../../platform/changed";
import { useApp } from "../../ui/app-context";

export type SetField = (name: string, value: Value) => void;
type Noted = Pick<DraftRow, "as_planned">;
/** All that one tap changes: all of it is kept, or none. */
export type SetAll = (values: Values, noted?: Noted) => void;
/**
 * Ends when its bytes, its register, that the file of the tray is taken in, and that the one which it takes the place of is gone are on the disk,
 * all in one transaction. False: the form had ended.
 */
export type KeepPhoto = (
  taken: Pick<ReadyFileWithBytes, "register" | "bytes">,
  of?: { readonly file?: Request | undefined; readonly instead?: string | undefined },
) => Promise<boolean>;
/** Ends when the file is on the disk as it came; its id there. */
export type KeepFile = (file: Blob, about: About) => Promise<string>;

interface OpenDraft {
  /** As it is drawn. */
  readonly draft: DraftRow;
  readonly set: SetField;
  readonly setAll: SetAll;
  readonly keepPhoto: KeepPhoto;
  readonly keepFile: KeepFile;
  /** Takes over the photos and PDF files that are in it on the disk. */
  readonly refresh: () => Promise<void>;
  /** It is no form that was only looked at. */
  readonly touch: () => Promise<void>;
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
  const changes = useRef(0);
  const onDisk = useRef<Promise<unknown>>(Promise.resolve());
  // What is not on the disk yet: where there was no room for it, it goes with the next change.
  const owed = useRef(new Set<string>());
  const failed = useRef(false);
  const { id } = initial;
  const draw = (parts: Partial<DraftRow>) => {
    latest.current = { ...latest.current, ...parts };
    setDraft(latest.current);
  };
  const refresh = async () => {
    let at: number;
    let held: DraftRow | undefined;
    do {
      at = changes.current;
      await onDisk.current;
      held = await db.get("drafts", id);
    } while (at !== changes.current);
    if (!held || ended.current) return;
    const own = latest.current.now;
    const now = withValues({ ...split(own).fields, ...split(held.now).files }, owing(own));
    if (!same(now, own)) draw({ now, untouched: false });
  };
  const owing = (now: Values) =>
    Object.fromEntries([...owed.current].map((name) => [name, now[name] ?? null]));
  /** Puts what is owed on the disk, and `more` with it; false: the form is gone with its record (SPEC L-12), and stays gone. */
  const keep = (more?: Values, besides?: (tx: Tx) => Promise<void>) => {
    changes.current += 1;
    let changed: Values = {};
    const put = (held: DraftRow) => {
      // As it is by then: room may be made first, and a later change be on the disk before this one.
      const { now, as_planned } = latest.current;
      changed = owing(now);
      const next = { ...held, now: withValues(held.now, { ...changed, ...more }) };
      return as_planned ? { ...next, as_planned } : next;
    };
    const kept = changeDraft(db, id, put, besides).then(
      (there) => {
        failed.current = false;
        for (const [name, value] of Object.entries(changed))
          if (equal(latest.current.now[name], value)) owed.current.delete(name);
        return there;
      },
      (error: unknown) => {
        failed.current = true;
        throw error;
      },
    );
    onDisk.current = Promise.all([onDisk.current, kept.catch(() => undefined)]);
    return kept;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads nothing but what stays the same.
  useEffect(() => {
    const off = onChange(() => {
      // Room may have been made.
      if (failed.current && !ended.current) void keep().catch(() => undefined);
      void refresh();
    });
    return () => {
      off();
      if (!latest.current.untouched) return;
      void dropUntouched(db, id);
    };
  }, [db, id]);
  const keepPhoto: KeepPhoto = async (taken, { file, instead } = {}) => {
    if (ended.current) return false;
    // At once: a form that is left from here on is no form that was only looked at.
    latest.current = { ...latest.current, untouched: false };
    const [name, value] = taken.register;
    const values = { ...(instead && { [instead]: null }), [name]: value };
    const there = await keep(values, async (tx) => {
      await putBytes(tx, taken);
      if (file) await noteTaken(tx, file);
    });
    if (there && !ended.current) draw({ now: withValues(latest.current.now, values) });
    return there;
  };
  const setAll: SetAll = (values, noted) => {
    if (ended.current) return;
    for (const name of Object.keys(values)) owed.current.add(name);
    draw({ ...noted, now: withValues(latest.current.now, values), untouched: false });
    void keep();
  };
  const set: SetField = (name, value) => setAll({ [name]: value });
  const keepFile: KeepFile = (file, about) => {
    const before = latest.current;
    // At once: a form that is left from here on is no form that was only looked at.
    latest.current = { ...before, untouched: false };
    return capture(db, before, file, about, () => (ended.current ? undefined : latest.current));
  };
  const touch = async () => {
    latest.current = { ...latest.current, untouched: false };
    await changeDraft(db, id, (held) => held);
  };
  return { draft, set, setAll, keepPhoto, keepFile, refresh, touch, latest, ended };
}

function same(a: Values, b: Values): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => equal(a[name], b[name]));
}

function split(now: Values): { readonly fields: Values; readonly files: Values } {
  const all = Object.entries(now);
  return {
    fields: Object.fromEntries(all.filter(([name]) => !namesFile(name))),
    files: Object.fromEntries(all.filter(([name]) => namesFile(name))),
  };
}
