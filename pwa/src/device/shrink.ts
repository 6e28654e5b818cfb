// A photo made small: at most 1,600 pixels, JPEG at .8, upright and without EXIF (drawing drops it), a thumbnail
// beside, and the SHA-256 of both. The same code runs in a worker and, without OffscreenCanvas, on the page.
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
}

export async function shrink(source: Blob | ImageBitmap): Promise<Photo> {
  const picture = source instanceof Blob ? await decode(source) : source;
  try {
    const [width, height] = within(picture, LONGEST);
    const full = await jpeg(picture, width, height);
    const thumb = await jpeg(picture, ...within(picture, THUMB));
    return { full, thumb, width, height };
  } finally {
    picture.close();
  }
}

/** A second way for what is too large to decode whole (iOS ends at 16.7 megapixels). */
async function decode(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    return createImageBitmap(file, { resizeWidth: LONGEST });
  }
}

export function within(
  { width, height }: { width: number; height: number },
  longest: number,
): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

async function jpeg(picture: ImageBitmap, width: number, height: number): Promise<Encoded> {
  const blob = await drawn(picture, width, height);
  // A browser that cannot encode JPEG gives PNG without a word.
  if (blob?.type !== "image/jpeg") throw new TypeError("no JPEG");
  const bytes = await blob.arrayBuffer();
  return { bytes, sha256: await hashOf(bytes) };
}

/** The SHA-256 in hex. */
export async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function drawn(picture: ImageBitmap, width: number, height: number): Promise<Blob | null> {
  const type = "image/jpeg";
  if (typeof OffscreenCanvas !== "undefined") {
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
    return canvas.convertToBlob({ type, quality: QUALITY });
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY));
}
