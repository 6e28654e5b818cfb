// Captures: a shot or a file as it came, on the disk with the draft that it belongs to before anything is decoded, made small,
// judged or waited for (SPEC P-21). From then on it is work that lies there (photos/finish.ts): a page that is killed, left or
// frozen loses none. One whose draft is gone is a task on home.
import type { CaptureRow, Db, DraftRow, Tx } from "../db/schema";
import { changed } from "../platform/changed";
import { clockBehind, now } from "../platform/clock";
import { newId } from "../platform/ids";
import { forgetUnplaced, goesOn, withUnplaced } from "./save";

/** What is known of it beside its bytes and its draft. */
export type About = Pick<CaptureRow, "is" | "source"> &
  Partial<Pick<CaptureRow, "name" | "taken_at" | "instead">>;

/** Of a photo that comes just now, how far the clock that its EXIF was read off is behind; of other cameras nothing is known (SPEC P-27). */
export function behindOf(source: CaptureRow["source"]): number | undefined {
  return source === "phone" ? clockBehind() : 0;
}

/** Whether a file that was chosen cannot be read, as one that lies elsewhere and was not fetched. */
export function isAway(error: unknown): boolean {
  return ["NotFoundError", "NotReadableError"].includes((error as Error).name);
}

/**
 * Ends when it is on the disk, in one transaction with its draft, which is touched from then on. Returns its id. `latest` is the
 * draft as its form has it by then; none once that has ended.
 */
export async function capture(
  db: Db,
  draft: DraftRow,
  file: Blob,
  about: About,
  latest: () => DraftRow | undefined = () => draft,
): Promise<string> {
  // This page goes on with it at once: it counts as begun, which need not be written a second time.
  const row = { ...captureOf(draft, file, about), tries: 1 };
  const bytes = await file.arrayBuffer();
  await db.atomically(
    async (tx) => {
      const there = await tx.get("drafts", draft.id);
      const held = there ? withUnplaced(draft.id, there) : await broughtBack(tx, latest());
      if (held) await tx.put("drafts", { ...held, untouched: false });
      await tx.put("captures", { ...row, size_bytes: bytes.byteLength });
      await tx.put("originals", bytes, row.id);
    },
    ["drafts", "records", "writes", "captures", "originals", "meta"],
  );
  forgetUnplaced(draft.id);
  fresh.set(row.id, new Blob([bytes]));
  changed();
  return row.id;
}

/** What this page has just stored: it is not read again from there. The file that it was may be gone by now. */
const fresh = new Map<string, Blob>();

/** Once. */
export function freshOf(id: string): Blob | undefined {
  const held = fresh.get(id);
  fresh.delete(id);
  return held;
}

/** What is noted of a file that comes into a form just now. */
export function captureOf(draft: DraftRow, { type, size }: Blob, about: About): CaptureRow {
  const { kind, unit, campaign } = draft;
  const of = { draft: draft.id, kind, unit, campaign, over: overOf(draft) };
  const came = { added_at: now(), behind: behindOf(about.source) };
  return { id: newId(), ...of, type, name: "", size_bytes: size, ...came, ...about };
}

/**
 * A form that somebody swept away while it was open, or that had no room, with what was typed. One that was saved, or went with
 * its record (SPEC L-12), stays gone.
 */
export async function broughtBack(tx: Tx, draft: DraftRow | undefined): Promise<DraftRow | undefined> {
  if (!draft || (await tx.get("writes", draft.id, "id"))) return undefined;
  const over = overOf(await goesOn(tx, draft));
  return !over || (await tx.get("records", over)) ? draft : undefined;
}

/** The record that a form changes or takes the place of. */
function overOf({ id, record, replaces }: DraftRow): string | undefined {
  return replaces ?? (record === id ? undefined : record);
}

/** Lets one go: the officer said so, or it is nothing that a form takes and lies where it was chosen. */
export async function dropCapture(db: Db, id: string): Promise<void> {
  await db.atomically((tx) => gone(tx, id), ["captures", "originals"]);
  changed();
}

/** In the transaction that stores what it became. */
export async function gone(tx: Tx, id: string): Promise<void> {
  await tx.delete("captures", id);
  await tx.delete("originals", id);
}

/** Those whose draft is no more. */
export async function lostCaptures(db: Db): Promise<readonly CaptureRow[]> {
  const captures = await db.getAll("captures");
  if (captures.length === 0) return captures;
  const drafts = new Set((await db.getAll("drafts")).map(({ id }) => id));
  return captures.filter(({ draft }) => !drafts.has(draft));
}
