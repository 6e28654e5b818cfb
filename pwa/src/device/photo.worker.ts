// Photo work off the page: a form goes on answering while a photo is made small.
import { type Encode, shrink } from "./shrink";

const encode: Encode = (picture, width, height, quality) => {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  return canvas.convertToBlob({ type: "image/jpeg", quality });
};

self.onmessage = async ({ data }: MessageEvent<Blob | ImageBitmap>) => {
  try {
    const photo = await shrink(data, encode);
    self.postMessage(photo, { transfer: [photo.full.bytes, photo.thumb.bytes] });
  } catch {
    self.postMessage(null);
  }
};
