// Photos travel by tus 1.0 beside the records (SPEC P-2): thumbnails first, then originals, each resumed at the byte
// the hub has after any failure (P-5). A photo is `sent` here when all bytes are; only the hub calls it verified (P-4).
import { changed } from "./bus";
import { atomically, type Db, type UploadRow } from "./db";
import { type Answer, call, Problem } from "./hub";
import { nextChunk, SMALLEST } from "./pace";
import { refreshById } from "./records";

const TUS = { "Tus-Resumable": "1.0.0" };
const BYTES = "application/offset+octet-stream";
/** The hub keeps what it got; these failures say nothing against the photo. */
const PASSING = new Set([
  "photo_unannounced",
  "upload_locked",
  "rate_limited",
  "unavailable",
  "internal",
  "offset_mismatch",
  "not_found",
]);

let moving = false;

/** Whether bytes of a photo are on their way at this moment. */
export function uploading(): boolean {
  return moving;
}

/** What still has to go, in the order of going. */
export async function waiting(db: Db): Promise<UploadRow[]> {
  const rows = await db.getAllFromIndex("uploads", "state", "waiting");
  return rows.sort((a, b) => Number(a.role === "full") - Number(b.role === "full"));
}

/** Sends one file to its end. False when the hub cannot take it now. */
export async function upload(db: Db, token: string, row: UploadRow): Promise<boolean> {
  const bytes = await db.get("bytes", row.sha256);
  if (bytes?.byteLength !== row.size_bytes) {
    await mark(db, row, { state: "refused", code: "bytes_missing" });
    return true;
  }
  try {
    moving = true;
    await transfer(db, token, row, bytes);
    await mark(db, row, { state: "sent", sent_bytes: row.size_bytes });
    return true;
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 401) throw error;
    return await explain(db, row, error);
  } finally {
    moving = false;
  }
}

async function explain(db: Db, row: UploadRow, { code, status }: Problem): Promise<boolean> {
  if (code === "photo_exists") await mark(db, row, { state: "sent" });
  else if (code === "hash_mismatch") await mark(db, row, { sent_bytes: 0 });
  else if (PASSING.has(code) || status >= 500) return false;
  else await mark(db, row, { state: "refused", code });
  return code !== "hash_mismatch";
}

async function transfer(db: Db, token: string, row: UploadRow, bytes: ArrayBuffer): Promise<void> {
  const path = `uploads/${row.sha256}`;
  let size = SMALLEST;
  // Nothing sent as far as this phone knows, but an answer may have been lost: creation tells what the hub has (P-6).
  let offset = row.sent_bytes > 0 ? await askOffset(token, path) : null;
  while (offset === null || offset < bytes.byteLength) {
    const began = performance.now();
    const from: number = offset ?? 0;
    const body = bytes.slice(from, from + size);
    const answer: Answer = await (offset === null
      ? create(token, row, body)
      : call(token, path, {
          method: "PATCH",
          headers: { ...TUS, "Content-Type": BYTES, "Upload-Offset": String(from) },
          body,
        }));
    offset = offsetOf(answer) ?? from + body.byteLength;
    size = nextChunk(body.byteLength, performance.now() - began);
    await mark(db, row, { sent_bytes: offset });
  }
}

function create(token: string, row: UploadRow, body: ArrayBuffer): Promise<Answer> {
  const headers = {
    ...TUS,
    "Content-Type": BYTES,
    "Upload-Length": String(row.size_bytes),
    "Upload-Metadata": `sha256 ${btoa(row.sha256)}`,
  };
  return call(token, "uploads", { method: "POST", headers, body });
}

/** Null when the hub has no such upload (any more): it begins anew. */
async function askOffset(token: string, path: string): Promise<number | null> {
  try {
    return offsetOf(await call(token, path, { method: "HEAD", headers: TUS }));
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 410)) return null;
    throw error;
  }
}

function offsetOf(answer: Answer): number | null {
  const told = answer.headers.get("Upload-Offset");
  return told === null ? null : Number(told);
}

async function mark(db: Db, { sha256, record }: UploadRow, news: Partial<UploadRow>): Promise<void> {
  await atomically(db, async (tx) => {
    const row = await tx.objectStore("uploads").get([sha256, record]);
    if (!row) return;
    await tx.objectStore("uploads").put({ ...row, ...news });
    if (news.state) await refreshById(tx, record);
  });
  changed();
}
