// The lists of the home screen: read by cursor from indexes, so that 5,000 records cost what 50 do.
import type { Db, RecordRow, UploadRow } from "./db";

export const PAGE = 50;

/** The newest on this phone first. */
export async function newest(
  db: Db,
  campaign: string,
  list: "shown" | "deleted",
  most: number,
): Promise<RecordRow[]> {
  const range = IDBKeyRange.bound([campaign, list, 0], [campaign, list, Number.MAX_SAFE_INTEGER]);
  const rows: RecordRow[] = [];
  let cursor = await db.transaction("records").store.index("list").openCursor(range, "prev");
  for (; cursor && rows.length < most; cursor = await cursor.continue()) rows.push(cursor.value);
  return rows;
}

export function needing(db: Db, campaign: string, what: "returned" | "conflict"): Promise<RecordRow[]> {
  return db.getAllFromIndex("records", "attention", [campaign, what]);
}

export interface Status {
  readonly on_phone: number;
  readonly received: number;
  readonly verified: number;
  readonly refused: number;
  /** Photos (not files) with bytes that still have to go; and those whose bytes all went, which the hub has not verified. */
  readonly photos: number;
  readonly photos_sent: number;
}

/** The status line of the whole phone, every campaign: what is unsent is unsent. */
export async function status(db: Db): Promise<Status> {
  const tx = db.transaction(["records", "uploads"]);
  const delivery = tx.objectStore("records").index("delivery");
  const uploads = tx.objectStore("uploads").index("state");
  const [on_phone, received, verified, refused, waiting, sent] = await Promise.all([
    delivery.count("on_phone"),
    delivery.count("received"),
    delivery.count("verified"),
    delivery.count("refused"),
    uploads.getAll("waiting"),
    uploads.getAll("sent"),
  ]);
  const photos = photoCount(waiting);
  return {
    on_phone,
    received,
    verified,
    refused,
    photos,
    photos_sent: photoCount([...waiting, ...sent]) - photos,
  };
}

function photoCount(uploads: readonly UploadRow[]): number {
  return new Set(uploads.map((row) => `${row.record} ${row.field}`)).size;
}
