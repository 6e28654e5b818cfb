// Makes photos small, off the page where a worker can draw: a form goes on answering meanwhile.
import { madeSmall, type Unread } from "./made-small";
import type { Photo } from "./shrink";

export function small(picture: Blob | ImageBitmap): Promise<Photo | Unread> {
  if (typeof OffscreenCanvas === "undefined") return madeSmall(picture);
  const worker = new Worker(new URL("./shrink-worker.ts", import.meta.url), { type: "module" });
  const done = new Promise<Photo | Unread>((resolve) => {
    // Its script did not come: there is no worker.
    worker.onerror = () => resolve(madeSmall(picture));
    worker.onmessage = ({ data }: MessageEvent<Photo | Unread | null>) => {
      if (data) return resolve(data);
      // It is there. From here on: it ran out of memory.
      worker.onerror = () => resolve("photo_too_large");
      worker.postMessage(picture, picture instanceof ImageBitmap ? [picture] : []);
    };
  });
  return done.finally(() => worker.terminate());
}
