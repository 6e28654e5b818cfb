// A copy of a photo to hand on, with what it shows written at its foot: drawn on the copy only, the photo itself and its
// hash stay what they are.
import { context, drawn, jpeg } from "./shrink";

const QUALITY = 0.85;

export async function stamped(bytes: ArrayBuffer, lines: readonly string[]): Promise<Blob> {
  const picture = await createImageBitmap(new Blob([bytes]));
  const canvas = drawn(picture);
  const pen = context(canvas);
  picture.close();
  const { width, height } = canvas;
  const size = Math.max(12, Math.round(Math.max(width, height) / 42));
  const top = height - size * (1.4 * lines.length + 0.6);
  pen.fillStyle = "rgb(0 0 0 / 65%)";
  pen.fillRect(0, top, width, height - top);
  pen.fillStyle = "#fff";
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.textBaseline = "top";
  // What is too long is drawn narrower, not cut.
  for (const [at, line] of lines.entries()) {
    pen.fillText(line, size / 2, top + size * (1.4 * at + 0.5), width - size);
  }
  return jpeg(canvas, QUALITY);
}
