// What a page has and node lacks, as small as it can be and true to the standard: locks that queue, caches with room
// for so much, a storage whose keys are its own, a page that may be begun anew, events of the window.
import { vi } from "vitest";

type Work = (lock: { readonly name: string } | null) => unknown;
type Options = { readonly ifAvailable?: boolean; readonly signal?: AbortSignal };

/** Exclusive locks: who asks waits behind those who asked before (Web Locks API). */
export class Locks {
  /** Its window: all that ask here are of one. */
  readonly #clientId = crypto.randomUUID();
  readonly #queues = new Map<string, (() => void)[]>();

  async request(name: string, ...rest: [Work] | [Options, Work]): Promise<unknown> {
    const work = rest[1] ?? (rest[0] as Work);
    const { ifAvailable, signal } = rest[1] ? (rest[0] as Options) : {};
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    if (ifAvailable && queue.length > 0) return work(null);
    signal?.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const turn = queue.push(resolve);
      if (turn === 1) resolve();
      signal?.addEventListener("abort", () => {
        const at = queue.indexOf(resolve);
        if (at < 1) return;
        queue.splice(at, 1);
        reject(signal.reason);
      });
    });
    try {
      return await work({ name });
    } finally {
      queue.shift();
      queue[0]?.();
    }
  }

  query(): Promise<{ held: { name: string; clientId: string }[]; pending: [] }> {
    const names = [...this.#queues].filter(([, queue]) => queue.length > 0).map(([name]) => name);
    const held = names.map((name) => ({ name, clientId: this.#clientId }));
    return Promise.resolve({ held, pending: [] });
  }
}

/** All caches of a phone. Of what does not go in nothing is kept. */
export class Caches {
  /** How many bytes still go in. */
  room = Number.POSITIVE_INFINITY;
  readonly #caches = new Map<string, Shelf>();

  open(name: string): Promise<Shelf> {
    const shelf = this.#caches.get(name) ?? new Shelf(this);
    this.#caches.set(name, shelf);
    return Promise.resolve(shelf);
  }

  async match(key: Request | string): Promise<Response | undefined> {
    for (const shelf of this.#caches.values()) {
      const held = await shelf.match(key);
      if (held) return held;
    }
    return undefined;
  }

  keys(): Promise<string[]> {
    return Promise.resolve([...this.#caches.keys()]);
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.#caches.delete(name));
  }
}

class Shelf {
  readonly #phone: Caches;
  readonly #held = new Map<string, Blob>();

  constructor(phone: Caches) {
    this.#phone = phone;
  }

  async put(key: Request | string, response: Response): Promise<void> {
    const body = await response.blob();
    if (body.size > this.#phone.room) throw new DOMException("no room", "QuotaExceededError");
    this.#phone.room -= body.size;
    await this.delete(key);
    this.#held.set(addressOf(key), body);
  }

  match(key: Request | string): Promise<Response | undefined> {
    const held = this.#held.get(addressOf(key));
    return Promise.resolve(held && new Response(held));
  }

  keys(): Promise<Request[]> {
    return Promise.resolve([...this.#held.keys()].map((address) => new Request(address)));
  }

  delete(key: Request | string): Promise<boolean> {
    this.#phone.room += this.#held.get(addressOf(key))?.size ?? 0;
    return Promise.resolve(this.#held.delete(addressOf(key)));
  }
}

function addressOf(key: Request | string): string {
  return typeof key === "string" ? new URL(key, "https://phone.example/app/").href : key.url;
}

/** What is set in it are its own keys, as of any Storage. */
class Texts {
  [key: string]: unknown;
}
Object.defineProperties(Texts.prototype, {
  getItem: { value: read },
  setItem: { value: keep },
  removeItem: { value: drop },
});

function read(this: Record<string, string>, key: string): string | null {
  return this[key] ?? null;
}

function keep(this: Record<string, string>, key: string, text: unknown): void {
  this[key] = String(text);
}

function drop(this: Record<string, string>, key: string): void {
  delete this[key];
}

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
