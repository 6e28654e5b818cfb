// The photo worker: a form goes on answering while it works (take-in.ts). It says once that it is there, then answers each
// picture with the photo, or why there is none.
import { madeSmall } from "./shrink";

addEventListener("message", async ({ data }: MessageEvent<readonly [Blob, number]>) => {
  const photo = await madeSmall(...data);
  const transfer = typeof photo === "string" ? [] : [photo.full.bytes, photo.thumb.bytes];
  postMessage(photo, { transfer });
});

postMessage(null);
