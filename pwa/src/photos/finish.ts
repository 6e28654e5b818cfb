// What lies there as it came (outbox/captures.ts) is made what its draft names: a photo small, a PDF read and judged. One at a
// time, and the original goes in the transaction that stores the result. Killed, it begins again with the next start; what could
// not be done stays, and says why.
import { noPlaceFor } from "../core/documents";
import { kindOf } from "../db/catalog";
import { isFull } from "../db/open";
import { type CaptureRow, type Db, meta, type Tx } from "../db/schema";
import { gone } from "../outbox/captures";
import { changed } from "../platform/changed";
import type { PdfRefused } from "./read-pdf";
import type { Remark } from "./remark";
import { OUT_OF_MEMORY, type Unread } from "./shrink";
import { inTurn, photoRegister, small, type Taken } from "./take-in";
import { judged, pdfRegister } from "./take-in-pdf";
import { takenAt } from "./taken-at";

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

/** How many pages one may end before it waits for its officer. */
const MOST_TRIES = 2;

const ends: Record<string, Promise<void>> = {};
/** What this page made, for the form that waits for it: the remark on a photo is kept nowhere else. */
const made = new Map<string, Taken>();

/**
 * Ends when all was tried that lay there when it was asked for; `again`, which the officer says: also what could not be done before.
 * One that fails is noted, and holds up none of those behind it.
 */
export function finishCaptures(db: Db, again = false): Promise<void> {
  const mine = (ends[db.name] ?? Promise.resolve()).then(() => finishAll(db, again));
  ends[db.name] = mine.catch(() => undefined);
  return mine;
}

/** What became of one, if this page did it: once. */
export function takenAs(id: string): Taken | undefined {
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
  let failed: unknown;
  for (;;) {
    const waiting = (await db.getAll("captures")).filter((row) => !tried.has(row.id) && (again || !row.code));
    const [next] = waiting.sort((a, b) => a.added_at - b.added_at);
    if (!next) break;
    tried.add(next.id);
    // Without a draft it waits on home, as it came.
    if (await db.get("drafts", next.draft)) {
      await finish(db, next, again).catch((error: unknown) => {
        failed ??= error;
      });
    }
  }
  if (failed) throw failed;
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
    const bytes = await db.get("originals", row.id).catch(() => undefined);
    if (!bytes) return void (await note(UNREADABLE));
    const file = new File([bytes], row.name, { type: row.type });
    const read = await inTurn(async () => {
      const tries = await begun(db, row.id);
      if (tries > MOST_TRIES && !again) return undefined;
      return row.is === "pdf" ? readPdfOf(file, row.added_at) : readPhotoOf(file, row, tries - 1);
    });
    if (!read) return void (await note(OUT_OF_MEMORY, false));
    const there = await settle(db, row.id, async (tx, current) =>
      typeof read === "string" ? read : store(tx, current, read),
    );
    if (there && typeof read !== "string") made.set(row.id, read);
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

interface Read extends Taken {
  readonly bytes: readonly { readonly sha256: string; readonly bytes: ArrayBuffer }[];
}

async function readPhotoOf(
  file: Blob,
  { source, taken_at, added_at, behind }: CaptureRow,
  thrift: number,
): Promise<Read | Unread> {
  const at = taken_at ?? (await takenAt(file, behind));
  const photo = await small(file, thrift);
  if (typeof photo === "string") return photo;
  const { full, thumb, remark } = photo;
  return { register: photoRegister(photo, source, at, added_at), remark, bytes: [full, thumb] };
}

async function readPdfOf(file: File, added_at: number): Promise<Read | PdfRefused> {
  const read = await judged(file);
  if (typeof read === "string") return read;
  return {
    register: pdfRegister(read, file, added_at),
    remark: undefined as Remark | undefined,
    bytes: [read],
  };
}

/** Into its draft, or why not; a draft that went meanwhile leaves it as it came. */
async function store(tx: Tx, row: CaptureRow, { register, bytes }: Read): Promise<Fault | undefined> {
  const draft = await tx.get("drafts", row.draft);
  if (!draft) return undefined;
  const [name, value] = register;
  if (row.is === "pdf") {
    const most = kindOf(await meta(tx, "catalog"), draft.kind)?.documents?.max ?? 0;
    const fault = noPlaceFor(name, draft.now, most);
    if (fault) return fault;
  }
  for (const one of bytes) await tx.put("bytes", one.bytes, one.sha256);
  const now = Object.fromEntries(Object.entries(draft.now).filter(([field]) => field !== row.instead));
  await tx.put("drafts", { ...draft, untouched: false, now: { ...now, [name]: value } });
  await gone(tx, row.id);
  return undefined;
}
