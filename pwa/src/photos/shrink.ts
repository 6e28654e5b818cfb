// A photo made small: at most 1,600 pixels, JPEG at .8, upright and without EXIF (drawing drops it), a thumbnail
// beside, and the SHA-256 of both. The same code runs in a worker and, without OffscreenCanvas, on the page.
import { hashOf } from "../platform/ids";
import { type Remark, remarkOn } from "./remark";
import { sizeIn } from "./taken-at";

const LONGEST = 1600;
const THUMB = 320;
const QUALITY = 0.8;

export interface Encoded {
  readonly bytes: ArrayBuffer;
  readonly sha256: string;
}

export interface Photo {
  readonly full: Encoded;
  readonly thumb: Encoded;
  readonly width: number;
  readonly height: number;
  readonly remark: Remark | undefined;
}

async function shrink(source: Blob, thrift: number): Promise<Photo> {
  const picture = await decode(source, thrift);
  const large = drawn(picture, LONGEST);
  // The decoded picture is the largest thing in memory: gone before anything is encoded.
  picture.close();
  const small = drawn(large, THUMB);
  const { width, height } = large;
  const remark = remarkOn(context(small).getImageData(0, 0, small.width, small.height));
  return { full: await encoded(large), thumb: await encoded(small), width, height, remark };
}

/** iOS ends here; a page of a poor phone does with much more, and without a word. */
const MOST_PIXELS = 16.7e6;

/**
 * Each way takes less memory than the one before: whole, made small as it is decoded, smaller still. A file that says how large it
 * is begins with the one that suits it; `thrift` is how many ways further on to begin.
 */
async function decode(file: Blob, thrift: number): Promise<ImageBitmap> {
  const [width, height] = (await sizeIn(file)) ?? [0, 0];
  const resized = (most: number) => {
    const resizeWidth = width > 0 ? within({ width, height }, most)[0] : most;
    return createImageBitmap(file, { resizeWidth, resizeQuality: "medium" });
  };
  const ways = [() => createImageBitmap(file), () => resized(LONGEST), () => resized(LONGEST / 2)];
  const first = Math.min(ways.length - 1, thrift + (width * height > MOST_PIXELS ? 1 : 0));
  const [way, ...rest] = ways.slice(first);
  let bitmap = (way as () => Promise<ImageBitmap>)();
  for (const next of rest) bitmap = bitmap.catch(next);
  return bitmap;
}

export function within(
  { width, height }: { width: number; height: number },
  longest: number,
): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

type Canvas = OffscreenCanvas | HTMLCanvasElement;

/** Null, whatever the type says, where memory is short: drawing fails then, and the photo counts as too large. */
export function context(canvas: Canvas): CanvasRenderingContext2D {
  return canvas.getContext("2d") as CanvasRenderingContext2D;
}

/** As large as it is, unless something is said of the longest side. */
export function drawn(picture: ImageBitmap | Canvas, longest = Number.POSITIVE_INFINITY): Canvas {
  const [width, height] = within(picture, longest);
  const canvas =
    typeof OffscreenCanvas === "undefined"
      ? Object.assign(document.createElement("canvas"), { width, height })
      : new OffscreenCanvas(width, height);
  context(canvas).drawImage(picture, 0, 0, width, height);
  return canvas;
}

async function encoded(canvas: Canvas): Promise<Encoded> {
  const bytes = await (await jpeg(canvas, QUALITY)).arrayBuffer();
  return { bytes, sha256: await hashOf(bytes) };
}

/** Of a frame of the camera, encoded once: its longest side and the quality, each with less memory than the one before. */
const ORIGINALS = [
  [Number.POSITIVE_INFINITY, 0.92],
  [1600, 0.8],
  [800, 0.7],
] as const;

/** P-21: the original of a frame, which nothing else holds. Rejects only where there is no memory for the least of it. */
export async function originalOf(frame: ImageBitmap): Promise<Blob> {
  let failed: unknown;
  try {
    for (const [longest, quality] of ORIGINALS)
      try {
        return await jpeg(drawn(frame, longest), quality);
      } catch (error) {
        failed = error;
      }
    throw failed;
  } finally {
    frame.close();
  }
}

export async function jpeg(canvas: Canvas, quality: number): Promise<Blob> {
  const type = "image/jpeg";
  const blob =
    "convertToBlob" in canvas
      ? await canvas.convertToBlob({ type, quality })
      : await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
  // A browser that cannot encode JPEG gives PNG without a word.
  if (blob?.type !== type) throw new TypeError("no JPEG");
  return blob;
}

/** Why a file is no photo here: the key of its sentence. */
export type Unread =
  | "photo_unreadable"
  | "photo_pdf"
  | "photo_heic"
  | "photo_too_large"
  | typeof OUT_OF_MEMORY;
/** Says nothing of the photo: it may well be taken in later, so its file stays. */
export const OUT_OF_MEMORY = "photo_memory";

/** No camera makes larger files; decoding it could take more memory than a phone has. */
export const MOST_BYTES = 50e6;

/** `thrift`: how many times it ended a page before, which no exception says. */
export async function madeSmall(picture: Blob, thrift = 0): Promise<Photo | Unread> {
  const { type, size } = picture;
  try {
    if (size <= MOST_BYTES) return await shrink(picture, thrift);
  } catch {
    // What iPhones keep and few browsers read; or what is no picture.
    if (type !== "image/jpeg") return /hei[cf]/.test(type) ? "photo_heic" : "photo_unreadable";
    // A JPEG that is there to its end says nothing against itself.
    if (await isWhole(picture).catch(() => false)) return OUT_OF_MEMORY;
  }
  return "photo_too_large";
}

/** Whether a JPEG begins and ends as one does; some cameras lay something behind the end. */
async function isWhole(file: Blob): Promise<boolean> {
  const [head, tail] = await Promise.all([
    file.slice(0, 3).arrayBuffer(),
    file.slice(-TAIL_BYTES).arrayBuffer(),
  ]);
  const [begins, bytes] = [new Uint8Array(head), new Uint8Array(tail)];
  if (!(begins[0] === 0xff && begins[1] === 0xd8 && begins[2] === 0xff)) return false;
  return bytes.some((byte, at) => byte === 0xff && bytes[at + 1] === 0xd9);
}

const TAIL_BYTES = 64 * 1024;
