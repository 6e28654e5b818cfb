// What lies there as it came (outbox/captures.ts) is made what its draft names: a photo small, a PDF read and judged. One at a
// time, and the original goes in the transaction that stores the result. Killed, it begins again with the next start; what could
// not be done stays, and says why.
import { noPlaceFor } from "../core/documents";
import { kindOf } from "../db/catalog";
import { isFull } from "../db/open";
import { type CaptureRow, type Db, meta, type Tx } from "../db/schema";
import { freshOf, gone } from "../outbox/captures";
import { changed } from "../platform/changed";
import type { PdfRefused } from "./read-pdf";
import { OUT_OF_MEMORY, type Unread } from "./shrink";
import { inTurn, putBytes, type ReadyFile, type ReadyFileWithBytes, readPhoto } from "./take-in";
import { readPdfFile } from "./take-in-pdf";

const FULL = "storage_full";
/** The browser no longer gives its bytes. */
export const UNREADABLE = "original_unreadable";
const FAILED = "internal";
export type Fault =
  | Unread
  | PdfRefused
  | NonNullable<ReturnType<typeof noPlaceFor>>
  | typeof FULL
  | typeof UNREADABLE
  | typeof FAILED;

/** How many pages one may end, each with less memory than the one before, until it waits for its officer. */
const MOST_TRIES = 3;

const ends: Record<string, Promise<void>> = {};
/** What this page made, for the form that waits for it: the remark on a photo is kept nowhere else. */
const made = new Map<string, ReadyFile>();

/**
 * Ends when all was tried that lay there when it was asked for; `again`, which the officer says: also what could not be done before.
 * One that fails is noted, and holds up none of those behind it, nor the form of another: what could not even be noted lies there all the same.
 */
export function finishCaptures(db: Db, again = false): Promise<void> {
  const mine = (ends[db.name] ?? Promise.resolve()).then(() => finishAll(db, again)).catch(() => undefined);
  ends[db.name] = mine;
  return mine;
}

/** What became of one, if this page did it: once. */
export function takenAs(id: string): ReadyFile | undefined {
  const taken = made.get(id);
  made.delete(id);
  return taken;
}

/** Whether it may go with a word: it is nothing that a form takes, and lies where it was chosen. What only lies here stays. */
export function liesElsewhere({ source, code }: CaptureRow): boolean {
  const ofPhone: readonly string[] = [OUT_OF_MEMORY, FULL, UNREADABLE, FAILED];
  return code !== undefined && !ofPhone.includes(code) && (source === "gallery" || source === "forwarded");
}

async function finishAll(db: Db, again: boolean): Promise<void> {
  const tried = new Set<string>();
  for (;;) {
    const waiting = (await db.getAll("captures")).filter((row) => !tried.has(row.id) && (again || !row.code));
    const [next] = waiting.sort((a, b) => a.added_at - b.added_at);
    if (!next) break;
    tried.add(next.id);
    // Without a draft it waits on home, as it came.
    if (await db.get("drafts", next.draft)) await finish(db, next, again).catch(() => undefined);
  }
}

/** What becomes of it, all in one transaction; by the row as it is by then, which may have another form. */
async function settle(
  db: Db,
  id: string,
  how: (tx: Tx, current: CaptureRow) => Promise<Fault | undefined>,
  survived = true,
): Promise<boolean> {
  const there = await db.atomically(
    async (tx) => {
      const current = await tx.get("captures", id);
      // Another window was quicker, the officer let it go, or its record was purged (SPEC L-12).
      if (!current) return false;
      const code = await how(tx, current);
      // This page came to an end with it: whatever is wrong, it is no want of memory that kills.
      if (code) await tx.put("captures", { ...current, code, ...(survived && { tries: undefined }) });
      return true;
    },
    ["captures", "originals", "drafts", "bytes", "meta"],
  );
  changed();
  return there;
}

async function finish(db: Db, row: CaptureRow, again: boolean): Promise<void> {
  const note = (fault: Fault, survived = true) => settle(db, row.id, async () => fault, survived);
  try {
    const came = freshOf(row.id);
    const bytes = came ?? (await db.get("originals", row.id).catch(() => undefined));
    if (!bytes) return void (await note(UNREADABLE));
    const file = new File([bytes], row.name, { type: row.type });
    const read = await inTurn(async () => {
      const tries = came ? 1 : await begun(db, row.id);
      if (tries > MOST_TRIES && !again) return undefined;
      return row.is === "pdf" ? readPdfFile(file, row.added_at) : readPhoto(file, row, tries - 1);
    });
    if (!read) return void (await note(OUT_OF_MEMORY, false));
    const there = await settle(db, row.id, async (tx, current) =>
      typeof read === "string" ? read : store(tx, current, read),
    );
    if (there && typeof read !== "string") made.set(row.id, { register: read.register, remark: read.remark });
  } catch (error) {
    // It stays as it came, and says so; what is so small may have room.
    await note(isFull(error) ? FULL : FAILED);
  }
}

/** Counts on the disk, before anything is decoded, how often it was begun: for want of memory the system ends a page without a word. */
async function begun(db: Db, id: string): Promise<number> {
  const count = async (tx: Tx) => {
    const current = await tx.get("captures", id);
    const tries = (current?.tries ?? 0) + 1;
    if (current) await tx.put("captures", { ...current, tries });
    return tries;
  };
  try {
    return await db.atomically(count, ["captures"]);
  } catch (error) {
    if (!isFull(error)) throw error;
    // Where it cannot be counted it is done with less memory.
    return MOST_TRIES;
  }
}

/** Into its draft, or why not; a draft that went meanwhile leaves it as it came. */
async function store(tx: Tx, row: CaptureRow, taken: ReadyFileWithBytes): Promise<Fault | undefined> {
  const draft = await tx.get("drafts", row.draft);
  if (!draft) return undefined;
  const [name, value] = taken.register;
  if (row.is === "pdf") {
    const most = kindOf(await meta(tx, "catalog"), draft.kind)?.documents?.max ?? 0;
    const fault = noPlaceFor(name, draft.now, most);
    if (fault) return fault;
  }
  await putBytes(tx, taken);
  const now = Object.fromEntries(Object.entries(draft.now).filter(([field]) => field !== row.instead));
  await tx.put("drafts", { ...draft, untouched: false, now: { ...now, [name]: value } });
  await gone(tx, row.id);
  return undefined;
}
