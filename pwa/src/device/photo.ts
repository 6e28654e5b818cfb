// Lays a photo, made small, into this phone's keeping: one at a time, and the bytes are on the disk before a draft
// names them. What cannot be taken in is told at once, by the key of its sentence.
import { PHOTO_PREFIX } from "../sync/record";
import type { Value } from "../sync/write";
import { now } from "./clock";
import type { Db } from "./db";
import type { Source } from "./inbox";
import type { Unread } from "./made-small";
import type { Remark } from "./remark";
import { small } from "./small";

export interface Taken {
  /** The register's name and value (S-6). */
  readonly register: readonly [string, Value];
  readonly remark: Remark | undefined;
}

/** `at` is when it was taken, or its file made. */
export function takeIn(
  db: Db,
  picture: Blob | ImageBitmap,
  source: Source,
  at: number,
): Promise<Taken | Unread> {
  return navigator.locks.request("loa-photo", async () => {
    const photo = await small(picture);
    if (typeof photo === "string") return photo;
    const { full, thumb, width, height, remark } = photo;
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
      taken_at: Math.min(at, now()),
      source,
    };
    return { register: [PHOTO_PREFIX + full.sha256.slice(0, 16), value], remark };
  });
}
