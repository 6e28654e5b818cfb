// What a JPEG says of itself in its first bytes: when the camera took it (EXIF), and how large it is. What a file says of its own age says
// nothing of the photo: copying, sending and saving make files anew.
import { momentOf, now } from "../platform/clock";

/** EXIF is the first part of a JPEG, and has at most so many bytes. */
const HEAD_BYTES = 128 * 1024;
/** A difference below it is as much the delay of the line, and would only move a photo to the minute before. */
const LEAST_BEHIND_MS = 60_000;
/** As far as a phone's clock may be off and is believed. */
const SLACK_MS = 5 * 60_000;
const EXIF = 0x8769;
const ORIGINAL = 0x9003;
const ZONE = 0x9011;

/**
 * In ms; undefined where it does not say, or says what has not come yet. A camera that names no zone is in Viet Nam. `behind`: how far
 * its clock was behind, which only of the phone's own camera is known; undefined where that was not sure (SPEC P-27).
 */
export async function takenAt(file: Blob, behind: number | undefined): Promise<number | undefined> {
  if (behind === undefined) return undefined;
  try {
    const said = readExif(new DataView(await file.slice(0, HEAD_BYTES).arrayBuffer()));
    const [, day = "", time = "", zone = ""] =
      /^(\d{4}:\d\d:\d\d) (\d\d:\d\d:\d\d)\s*([+-]\d\d:\d\d)?/.exec(said) ?? [];
    const shown = `${day.replaceAll(":", "-")}T${time}`;
    const at =
      (zone ? Date.parse(shown + zone) : momentOf(shown)) + (Math.abs(behind) < LEAST_BEHIND_MS ? 0 : behind);
    const till = now();
    // A camera's clock that is a little fast says so of a photo taken just now.
    return at > Date.UTC(1990) && at <= till + SLACK_MS ? Math.min(at, till) : undefined;
  } catch {
    // Cut, or no EXIF after all.
    return undefined;
  }
}

/** Width and height, as a JPEG says them before its first line of pixels; undefined of anything else. */
export async function sizeIn(file: Blob): Promise<readonly [number, number] | undefined> {
  try {
    const view = new DataView(await file.slice(0, SIZE_BYTES).arrayBuffer());
    if (view.getUint16(0) !== 0xffd8) return undefined;
    for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
      const marker = view.getUint8(at + 1);
      // A start of frame; between them stand tables that are none.
      const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
      if (frame) return [view.getUint16(at + 7), view.getUint16(at + 5)];
    }
  } catch {
    // Cut, or no JPEG after all.
  }
  return undefined;
}

/** Behind EXIF with its thumbnail, a colour profile, and what else cameras say first. */
const SIZE_BYTES = 512 * 1024;

/** `2021:07:30 14:05:00`, with the zone behind it if there is one; "" without EXIF. */
function readExif(view: DataView): string {
  if (view.getUint16(0) !== 0xffd8) return "";
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966)
      return readTiff(view, at + 10);
  }
  return "";
}

function readTiff(view: DataView, start: number): string {
  const little = view.getUint16(start) === 0x4949;
  const u32 = (at: number) => view.getUint32(at, little);
  /** Where the value of a tag stands in a directory: its text, or another directory. */
  const find = (directory: number, tag: number): number => {
    const count = view.getUint16(directory, little);
    for (let nth = 0; nth < count; nth += 1) {
      const at = directory + 2 + nth * 12;
      if (view.getUint16(at, little) === tag) return start + u32(at + 8);
    }
    return 0;
  };
  const text = (at: number, length: number) =>
    at && String.fromCharCode(...new Uint8Array(view.buffer, at, length));
  const part = find(start + u32(start + 4), EXIF);
  if (!part) return "";
  return `${text(find(part, ORIGINAL), 19) || ""} ${text(find(part, ZONE), 6) || ""}`;
}
