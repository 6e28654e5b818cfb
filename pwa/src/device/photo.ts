// Makes a photo small and lays it into the draft's keeping: one at a time, and the bytes are on the disk before the
// draft names them. What cannot be read as a picture is told at once (null).
import { PHOTO_PREFIX } from "../sync/record";
import type { Value } from "../sync/write";
import { now } from "./clock";
import type { Db } from "./db";
import { type Photo, shrink } from "./shrink";

export type Source = "camera" | "gallery";

/** The register's name and value (SPEC S-6, P-1). */
export type Register = readonly [string, Value];

export function takeIn(
  db: Db,
  picture: Blob | ImageBitmap,
  source: Source,
  taken_at = now(),
): Promise<Register | null> {
  return navigator.locks.request("loa-photo", async () => {
    const photo = await small(picture);
    return photo && keep(db, photo, source, taken_at);
  });
}

async function keep(
  db: Db,
  { full, thumb, width, height }: Photo,
  source: Source,
  taken_at: number,
): Promise<Register> {
  await db.atomically(async (tx) => {
    await tx.put("bytes", full.bytes, full.sha256);
    await tx.put("bytes", thumb.bytes, thumb.sha256);
  });
  const value = {
    sha256: full.sha256,
    size_bytes: full.bytes.byteLength,
    width,
    height,
    type: "image/jpeg",
    thumb_sha256: thumb.sha256,
    thumb_size_bytes: thumb.bytes.byteLength,
    taken_at,
    source,
  };
  return [PHOTO_PREFIX + full.sha256.slice(0, 16), value];
}

/** Off the page where a worker can draw: a form goes on answering while a photo is made small. */
function small(picture: Blob | ImageBitmap): Promise<Photo | null> {
  if (typeof OffscreenCanvas === "undefined") return shrink(picture).catch(() => null);
  // This very file, which is on the phone already; main.tsx sees that there is no page.
  const worker = new Worker(import.meta.url, { type: "module" });
  const done = new Promise<Photo | null>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Photo | null>) => resolve(data);
    worker.onerror = () => resolve(null);
  });
  worker.postMessage(picture, picture instanceof ImageBitmap ? [picture] : []);
  return done.finally(() => worker.terminate());
}

/** The other side of it, in the worker. */
export async function shrinkAsked({ data }: MessageEvent<Blob | ImageBitmap>): Promise<void> {
  const photo = await shrink(data).catch(() => null);
  postMessage(photo, { transfer: photo ? [photo.full.bytes, photo.thumb.bytes] : [] });
}
