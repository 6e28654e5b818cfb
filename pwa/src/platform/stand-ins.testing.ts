// What a page has and node lacks: a page that may be begun anew, events of the window, and what it shares with other pages.
import { vi } from "vitest";
import { Caches, Locks, Texts } from "./browser.testing";

export interface Page {
  readonly locks: Locks;
  readonly caches: Caches;
  readonly location: { hash: string; reload: () => void };
  readonly navigator: { onLine: boolean; serviceWorker?: unknown };
  readonly document: EventTarget & { hidden: boolean };
}

/** A page without a past; what it leaves goes with `vi.unstubAllGlobals()`. */
export function newPage(): Page {
  const [locks, caches, window] = [new Locks(), new Caches(), new EventTarget()];
  const page = {
    ...{ locks, caches },
    location: { hash: "", reload: vi.fn() },
    navigator: { onLine: true, userAgent: "test", locks },
    document: Object.assign(new EventTarget(), { hidden: false }),
  };
  const { location, navigator, document } = page;
  const listening = {
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
    dispatchEvent: window.dispatchEvent.bind(window),
  };
  const all = { caches, location, navigator, document, localStorage: new Texts(), ...listening };
  for (const [name, one] of Object.entries(all)) vi.stubGlobal(name, one);
  return page;
}

/**
 * A browser that reads what begins with "jpeg" and draws no pixel: a picture is its text, and what is encoded of a canvas
 * says which picture and how large.
 */
export function drawing(): void {
  const decode = async (file: Blob) => {
    const text = await file.text();
    if (!text.startsWith("jpeg")) throw new DOMException("no picture", "InvalidStateError");
    return { text, width: 4000, height: 3000, close: () => undefined };
  };
  vi.stubGlobal("createImageBitmap", decode);
  Object.assign(document, { createElement: () => new Canvas() });
}

class Canvas {
  text = "";
  width = 0;
  height = 0;

  getContext(): object {
    return {
      drawImage: ({ text }: { text: string }) => {
        this.text = text;
      },
      getImageData: () => ({ data: [], width: this.width }),
    };
  }

  toBlob(done: (blob: Blob) => void, type: string): void {
    done(new Blob([`${this.text} at ${this.width}`], { type }));
  }
}

/** A JPEG's head with EXIF: a time, and a zone or none, in either order of bytes. */
export function exif(time: string, zone = "", little = true): File {
  const view = new DataView(new ArrayBuffer(200));
  const text = (at: number, said: string) =>
    [...said].forEach((sign, nth) => void view.setUint8(at + nth, sign.charCodeAt(0)));
  const tiff = 12;
  const entry = (at: number, tag: number, count: number, value: number) => {
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, 2, little);
    view.setUint32(at + 4, count, little);
    view.setUint32(at + 8, value, little);
  };
  view.setUint32(0, 0xffd8ffe1);
  view.setUint16(4, 190);
  text(6, "Exif");
  text(tiff, little ? "II" : "MM");
  view.setUint16(tiff + 2, 42, little);
  view.setUint32(tiff + 4, 8, little);
  view.setUint16(tiff + 8, 1, little);
  entry(tiff + 10, 0x8769, 1, 30);
  view.setUint16(tiff + 30, zone ? 2 : 1, little);
  entry(tiff + 32, 0x9003, 20, 70);
  if (zone) entry(tiff + 44, 0x9011, 7, 100);
  text(tiff + 70, time);
  text(tiff + 100, zone);
  return new File([view], "a.jpg", { type: "image/jpeg", lastModified: 1000 });
}
