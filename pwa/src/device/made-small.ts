// A photo made small, or why that cannot be: the same on the page and in the worker.
import { type Photo, shrink } from "./shrink";

/** Why a file is no photo here: the key of its sentence. */
export type Unread = "photo_unreadable" | "photo_heic" | "photo_too_large";

/** No camera makes larger files; decoding it could take more memory than a phone has. */
const MOST_BYTES = 50e6;

export async function madeSmall(picture: Blob | ImageBitmap): Promise<Photo | Unread> {
  const { type, size } = picture instanceof Blob ? picture : new Blob();
  try {
    if (size <= MOST_BYTES) return await shrink(picture);
  } catch {
    // What iPhones keep and few browsers read; or what is no picture. A JPEG that cannot be read is cut, or too large.
    if (type !== "image/jpeg") return /hei[cf]/.test(type) ? "photo_heic" : "photo_unreadable";
  }
  return "photo_too_large";
}
