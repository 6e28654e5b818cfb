// Photos travel by tus 1.0 beside the records (SPEC P-2): thumbnails first, then originals, each resumed at the byte
// the server has after any failure (P-5). A photo is `sent` here when all bytes are; only the server calls it verified (P-4).

import { isFull } from "../db/open";
import { amend } from "../db/records";
import { type Db, meta, type UploadRow } from "../db/schema";
import { isStored } from "../outbox/refused";
import { call, endsRun, type Fetch, Problem } from "../platform/http";
import { hashOf } from "../platform/ids";
import { batteryLow, costs } from "../platform/network";

/** The server keeps what it got; these say nothing against the photo: gone, to be announced, locked, damaged. */
const PASSING = [404, 409, 423, 460];

let moving = false;

/** Whether bytes of a photo are on their way at this moment. */
export function uploading(): boolean {
  return moving;
}

/** What still has to go, in the order of going. */
export async function waitingUploads(db: Db): Promise<UploadRow[]> {
  const rows = await db.getAll("uploads", "state", "waiting");
  return rows.sort((a, b) => b.role.localeCompare(a.role)); // "thumb", then "full";
}

/**
 * Sends one file to its end. False when the server cannot take it now: not before it holds the write that says it (P-3). `stored`:
 * writes that it holds, though there was no room to keep that.
 */
export async function upload(
  db: Db,
  token: string,
  row: UploadRow,
  stored: ReadonlySet<string> = new Set(),
  via?: Fetch,
): Promise<boolean> {
  const own = await db.getAll("writes", "record", row.record);
  const said = own.some((write) => (isStored(write) || stored.has(write.id)) && write.wire.set[row.field]);
  if (!said) return false;
  try {
    moving = true;
    const bytes = await db.get("bytes", row.sha256);
    // Others than were hashed are not the photo: the server would drop all of them at their end (P-4).
    if (!bytes || (await hashOf(bytes)) !== row.sha256) throw new Problem(422, "bytes_missing");
    await transfer(db, token, row, bytes, via);
    await mark(db, row, { state: "sent" });
    return true;
  } catch (error) {
    if (!(error instanceof Problem) || endsRun(error)) throw error;
    const passing = error.status >= 500 || PASSING.includes(error.status);
    if (passing && error.code !== "hash_mismatch") return false;
    await mark(db, row, { state: "refused", code: error.code });
    return true;
  } finally {
    moving = false;
  }
}

async function transfer(
  db: Db,
  token: string,
  row: UploadRow,
  bytes: ArrayBuffer,
  via?: Fetch,
): Promise<void> {
  const { sha256, size_bytes, sent_bytes } = row;
  // Creating again tells what the server has (P-6). It takes bytes with it, unless some went already.
  let [method, path] = ["POST", "uploads"];
  let upload: Record<string, string> = {
    "Upload-Length": String(size_bytes),
    "Upload-Metadata": `sha256 ${btoa(sha256)}`,
  };
  let size = sent_bytes > 0 ? 0 : SMALLEST;
  let offset = 0;
  do {
    const began = performance.now();
    const body = bytes.slice(offset, offset + size);
    const headers = {
      "Tus-Resumable": "1.0.0",
      "Content-Type": "application/offset+octet-stream",
      ...upload,
    };
    const answer = await call(token, path, { method, headers, body }, via);
    offset = offsetIn(answer, method === "PATCH" ? offset + 1 : 0, size_bytes);
    size = nextChunk(body.byteLength, performance.now() - began);
    await mark(db, row, { sent_bytes: offset });
    [method, path, upload] = ["PATCH", `uploads/${sha256}`, { "Upload-Offset": String(offset) }];
  } while (offset < size_bytes);
}

/** An answer that does not say how far it is, as a proxy's own page, or that goes nowhere, is no answer. */
function offsetIn(answer: Response, least: number, most: number): number {
  const text = answer.headers.get("Upload-Offset") ?? "";
  const offset = /^\d+$/.test(text) ? Number(text) : -1;
  if (offset < least || offset > most) throw new Problem(500, "unavailable");
  return offset;
}

async function mark(db: Db, { sha256, record }: UploadRow, parts: Partial<UploadRow>): Promise<void> {
  const noted = amend(db, async (tx) => {
    const row = await tx.get("uploads", [sha256, record]);
    if (row) await tx.put("uploads", { ...row, ...parts });
  });
  // Without room it goes on: the server says how far it is (P-6).
  await noted.catch((error: unknown) => {
    if (!isFull(error)) throw error;
  });
}

// How many bytes to send at once: small enough that a cut costs little, as many as pass in about eight seconds.
export const SMALLEST = 32 * 1024;
const LARGEST = 4 * 1024 * 1024;
const TARGET_MS = 8_000;

/** After `bytes` passed in `took_ms`. It at most doubles: one lucky chunk proves little. */
export function nextChunk(bytes: number, took_ms: number): number {
  const passing = (bytes * TARGET_MS) / Math.max(took_ms, 1);
  return Math.round(Math.min(LARGEST, Math.max(SMALLEST, Math.min(passing, bytes * 2))));
}

// Which files may go now: originals wait where the officer wants no mobile data spent on them, and while the battery is
// nearly empty. Text and thumbnails always go: a record is never held back.

/** Why originals wait. */
export type Holding = "wifi" | "battery" | "";

export async function holding(db: Db): Promise<Holding> {
  if ((await meta(db, "wifi_only")) && costs()) return "wifi";
  return (await batteryLow()) ? "battery" : "";
}

/** In the order of going. */
export async function allowedUploads(db: Db): Promise<UploadRow[]> {
  const rows = await waitingUploads(db);
  return rows.length > 0 && (await holding(db)) ? rows.filter(({ role }) => role === "thumb") : rows;
}
