// The draft behind a form: each change is on its way to the disk before the next key is struck, and changes one field of what lies
// there, so that a photo which comes in meanwhile, here or in another window, stays. A form that was only looked at leaves none.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { namesFile } from "../../core/record";
import { equal, type Value, type Values } from "../../core/write";
import type { DraftRow } from "../../db/schema";
import { type About, capture } from "../../outbox/captures";
import { changeDraft, dropUntouched } from "../../outbox/drafts";
import { noteTaken } from "../../photos/tray";
import { onChange } from "../../platform/changed";
import { useApp } from "../../ui/app-context";

export type SetField = (name: string, value: Value) => void;
/** Ends when the value is on the disk, and with it that the photo of this file is taken in. False: the form had ended. */
export type KeepPhoto = (name: string, value: Value, file: Request | undefined) => Promise<boolean>;
/** Ends when the file is on the disk as it came; its id there. */
export type KeepFile = (file: Blob, about: About) => Promise<string>;

interface OpenDraft {
  /** As it is drawn. */
  readonly draft: DraftRow;
  readonly set: SetField;
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
  const { id } = initial;
  const draw = (news: Partial<DraftRow>) => {
    latest.current = { ...latest.current, ...news };
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
    const now = { ...split(latest.current.now).fields, ...split(held.now).files };
    if (!same(now, latest.current.now)) draw({ now, untouched: false });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: it reads nothing but what stays the same.
  useEffect(() => {
    const off = onChange(() => void refresh());
    return () => {
      off();
      if (!latest.current.untouched) return;
      void dropUntouched(db, id);
    };
  }, [db, id]);
  const keepPhoto: KeepPhoto = (name, value, file) => {
    if (ended.current) return Promise.resolve(false);
    draw({ now: withField(latest.current.now, name, value), untouched: false });
    changes.current += 1;
    const kept = changeDraft(
      db,
      id,
      (held) => ({ ...held, now: withField(held.now, name, value) }),
      async (tx) => {
        if (file) await noteTaken(tx, file);
      },
    );
    onDisk.current = Promise.all([onDisk.current, kept.catch(() => undefined)]);
    return kept;
  };
  const set: SetField = (name, value) => void keepPhoto(name, value, undefined);
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
  return { draft, set, keepPhoto, keepFile, refresh, touch, latest, ended };
}

function same(a: Values, b: Values): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => equal(a[name], b[name]));
}

function withField(now: Values, name: string, value: Value): Values {
  const { [name]: _, ...others } = now;
  return value === null ? others : { ...others, [name]: value };
}

function split(now: Values): { readonly fields: Values; readonly files: Values } {
  const all = Object.entries(now);
  return {
    fields: Object.fromEntries(all.filter(([name]) => !namesFile(name))),
    files: Object.fromEntries(all.filter(([name]) => namesFile(name))),
  };
}
