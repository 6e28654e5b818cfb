// Makes photos small, off the page where a worker can draw: a form goes on answering meanwhile.
import { type Photo, shrink } from "./shrink";

/** Why a file is no photo here: the key of its sentence. */
export type Unread = "photo_unreadable" | "photo_heic" | "photo_too_large";

/** No camera makes larger files; decoding it could take more memory than a phone has. */
const MOST_BYTES = 50e6;

export function small(picture: Blob | ImageBitmap): Promise<Photo | Unread> {
  if (typeof OffscreenCanvas === "undefined") return make(picture);
  // This very script, which is on the phone already.
  const worker = new Worker(import.meta.url, { type: "module" });
  const done = new Promise<Photo | Unread>((resolve) => {
    // Its script did not come: there is no worker.
    worker.onerror = () => resolve(make(picture));
    worker.onmessage = ({ data }: MessageEvent<Photo | Unread | null>) => {
      if (data) return resolve(data);
      // It is there. From here on: it ran out of memory.
      worker.onerror = () => resolve("photo_too_large");
      worker.postMessage(picture, picture instanceof ImageBitmap ? [picture] : []);
    };
  });
  return done.finally(() => worker.terminate());
}

async function make(picture: Blob | ImageBitmap): Promise<Photo | Unread> {
  const { type, size } = picture instanceof Blob ? picture : new Blob();
  try {
    if (size <= MOST_BYTES) return await shrink(picture);
  } catch {
    // What iPhones keep and few browsers read; or what is no picture. A JPEG that cannot be read is cut, or too large.
    if (type !== "image/jpeg") return /hei[cf]/.test(type) ? "photo_heic" : "photo_unreadable";
  }
  return "photo_too_large";
}

/** The other side of it, in the worker. */
if (!("document" in self)) {
  addEventListener("message", async ({ data }: MessageEvent<Blob | ImageBitmap>) => {
    const photo = await make(data);
    const transfer = typeof photo === "string" ? [] : [photo.full.bytes, photo.thumb.bytes];
    postMessage(photo, { transfer });
  });
  postMessage(null);
}
