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
export type Fault = Unread | PdfRefused | NonNullable<ReturnType<typeof noPlaceFor>> | typeof FULL;

const ends: Record<string, Promise<void>> = {};
/** What this page made, for the form that waits for it: the remark on a photo is kept nowhere else. */
const made = new Map<string, Taken>();

/** Ends when all was tried that lay there when it was asked for; `again`: also what could not be done before. */
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
  return (
    code !== undefined &&
    code !== OUT_OF_MEMORY &&
    code !== FULL &&
    (source === "gallery" || source === "forwarded")
  );
}

async function finishAll(db: Db, again: boolean): Promise<void> {
  const tried = new Set<string>();
  for (;;) {
    const waiting = (await db.getAll("captures")).filter((row) => !tried.has(row.id) && (again || !row.code));
    const [next] = waiting.sort((a, b) => a.added_at - b.added_at);
    if (!next) return;
    tried.add(next.id);
    // Without a draft it waits on home, as it came.
    if (await db.get("drafts", next.draft)) await finish(db, next);
  }
}

async function finish(db: Db, row: CaptureRow): Promise<void> {
  const bytes = await db.get("originals", row.id);
  if (!bytes) return;
  const file = new File([bytes], row.name, { type: row.type });
  const read = await inTurn(() =>
    row.is === "pdf" ? readPdfOf(file, row.added_at) : readPhotoOf(file, row),
  );
  const settle = (how: (tx: Tx) => Promise<Fault | undefined>) =>
    db.atomically(
      async (tx) => {
        // Another window was quicker, or the officer let it go.
        if (!(await tx.get("captures", row.id))) return;
        const fault = await how(tx);
        if (fault) await tx.put("captures", { ...row, code: fault });
      },
      ["captures", "originals", "drafts", "bytes", "meta"],
    );
  await settle(async (tx) => (typeof read === "string" ? read : store(tx, row, read))).catch(
    (error: unknown) => {
      if (!isFull(error)) throw error;
      // It stays as it came; what is so small may have room.
      return settle(async () => FULL);
    },
  );
  if (typeof read !== "string") made.set(row.id, read);
  changed();
}

interface Read extends Taken {
  readonly bytes: readonly { readonly sha256: string; readonly bytes: ArrayBuffer }[];
}

async function readPhotoOf(file: Blob, { source, taken_at, added_at }: CaptureRow): Promise<Read | Unread> {
  const at = taken_at ?? (await takenAt(file));
  const photo = await small(file);
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
