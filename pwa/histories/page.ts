// A page of the app over a disk: the app's script with a browser of its own around it. Each call to the server, each answer
// and each transaction is an effect; at the one that is named the page is killed, and none of it happens, nor anything after.
import { createHash, webcrypto } from "node:crypto";
import { createRequire } from "node:module";
import { compileFunction } from "node:vm";
import { gzipSync } from "node:zlib";
import type { acts, join, start, wake } from "./acts";
import type { Disk } from "./disk";
import type { acts as worker } from "./worker";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  /** In base64. */
  readonly body: string;
}

/** What comes back: nothing, or an answer in parts, in base64, that may break off behind them. */
export interface Answer {
  readonly lost?: boolean;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly parts?: readonly string[];
  readonly broken?: boolean;
}

export type Ask = (asked: Asked) => Answer;

interface App {
  readonly acts: typeof acts & typeof worker;
  readonly join: typeof join;
  readonly start: typeof start;
  readonly wake: typeof wake;
}

/** A page that was killed did nothing more. */
export class Killed extends Error {}

/** What a picture is made into, by the SHA-256 of its file: node draws none. */
export type Pictures = ReadonlyMap<string, { readonly full: Buffer; readonly thumb: Buffer }>;

const GIVEN = [
  ...["exports", "require", "__filename", "indexedDB", "fetch", "Date", "crypto", "performance", "navigator"],
  ...["location", "document", "localStorage", "caches", "BroadcastChannel", "OffscreenCanvas"],
  ...["createImageBitmap", "CompressionStream", "setTimeout", "clearTimeout", "addEventListener"],
  ...["removeEventListener", "requestAnimationFrame"],
];

/** The app's script, to be begun as often as there are pages. */
export function compiled(code: string): (...given: unknown[]) => void {
  return compileFunction(code, GIVEN, { filename: "app.js" }) as (...given: unknown[]) => void;
}

/** All clocks go together, so that the same history gives the same times; a phone's own may be off. */
export const world = { now: Date.now() };

export class Page {
  readonly disk: Disk;
  readonly app: App;
  dead = false;
  /** So many effects are left to it. */
  left = Number.POSITIVE_INFINITY;
  /** The answer with this number comes when `gate` opens; all of it, or what is behind its first part. */
  holds: Hold | undefined;
  /** What is under way. */
  busy = 0;
  readonly #ask: Ask;
  readonly #packs: boolean;
  readonly #connections = new Set<IDBDatabase>();
  readonly #running = new Set<IDBTransaction>();

  /** `packs`: its browser packs what is sent; a worker's does. */
  constructor(disk: Disk, script: ReturnType<typeof compiled>, ask: Ask, pictures: Pictures, packs = false) {
    this.disk = disk;
    this.#ask = ask;
    this.#packs = packs;
    const exports = {} as App;
    const page: Record<string, unknown> = { ...this.#browser(pictures), exports };
    script(...GIVEN.map((name) => page[name]));
    this.app = exports;
  }

  /** One more effect, unless this page is killed before it. */
  effect(): void {
    this.left -= 1;
    if (this.left < 0) this.kill();
    if (this.dead) throw new Killed();
  }

  /** What it had begun and not ended is undone. */
  kill(): void {
    if (this.dead) return;
    this.dead = true;
    for (const tx of this.#running) {
      try {
        tx.abort();
      } catch {
        // It has just ended.
      }
    }
    for (const connection of this.#connections) connection.close();
  }

  #open(name: string, version?: number): IDBOpenDBRequest {
    this.effect();
    const request = this.disk.databases.open(name, version);
    request.addEventListener("success", () => this.#watch(request.result));
    return request;
  }

  #watch(connection: IDBDatabase): void {
    if (this.dead) {
      connection.close();
      return;
    }
    this.#connections.add(connection);
    const begin = connection.transaction.bind(connection);
    connection.transaction = (...how) => {
      this.effect();
      const tx = begin(...how);
      this.#running.add(tx);
      this.busy += 1;
      const ended = () => {
        this.#running.delete(tx);
        this.busy -= 1;
      };
      tx.addEventListener("complete", ended);
      tx.addEventListener("abort", ended);
      return tx;
    };
  }

  #fetch = async (url: string, { method = "GET", headers, body, signal }: RequestInit = {}) => {
    this.effect();
    signal?.throwIfAborted();
    const sent = typeof body === "string" ? Buffer.from(body) : Buffer.from((body as ArrayBuffer) ?? []);
    const all = headers as Record<string, string>;
    this.busy += 1;
    try {
      const answer = this.#ask({ method, path: url, headers: all, body: sent.toString("base64") });
      const { holds } = this;
      if (holds) holds.after -= 1;
      const held = holds?.after === 0 ? holds : undefined;
      if (held && !held.inside) await waited(held);
      this.effect();
      return read(answer, held?.inside ? held : undefined);
    } finally {
      this.busy -= 1;
    }
  };

  #browser(pictures: Pictures): object {
    const { disk } = this;
    const now = () => world.now + disk.skew;
    class Clock extends Date {
      constructor(...said: [] | [number]) {
        super(...((said.length > 0 ? said : [now()]) as [number]));
      }
      static override now(): number {
        return now();
      }
    }
    const events = new EventTarget();
    const draws = (bytes: Uint8Array) =>
      bytes.length === 12
        ? bytes.set(Buffer.from(disk.drawId(), "base64url"))
        : webcrypto.getRandomValues(bytes);
    return {
      require: createRequire(import.meta.url),
      __filename: "/app.js",
      indexedDB: {
        open: (name: string, version?: number) => this.#open(name, version),
        databases: () => disk.databases.databases(),
        deleteDatabase: (name: string) => disk.databases.deleteDatabase(name),
      },
      fetch: this.#fetch,
      Date: Clock,
      crypto: {
        getRandomValues: (bytes: Uint8Array) => {
          draws(bytes);
          return bytes;
        },
        subtle: new Proxy(webcrypto.subtle, { get: (subtle, name) => hashing(subtle, name) }),
      },
      performance: { now: () => world.now },
      navigator: { onLine: true, userAgent: "histories", locks: disk.locks },
      location: { hash: "", reload: () => undefined },
      document: { hidden: false, createElement: () => new Canvas() },
      localStorage: disk.texts,
      caches: disk.caches,
      BroadcastChannel: Silent,
      OffscreenCanvas: undefined,
      createImageBitmap: async (file: Blob) => pictureOf(pictures, await file.arrayBuffer()),
      CompressionStream: this.#packs ? Packing : undefined,
      // Nothing here lasts as long as a page waits for.
      setTimeout: () => 0,
      clearTimeout: () => undefined,
      addEventListener: events.addEventListener.bind(events),
      removeEventListener: events.removeEventListener.bind(events),
      requestAnimationFrame: () => 0,
    };
  }
}

/** Hashes are made at once, not by other threads. */
function hashing(subtle: webcrypto.SubtleCrypto, name: string | symbol): unknown {
  if (name !== "digest") return (Reflect.get(subtle, name) as (...how: unknown[]) => unknown).bind(subtle);
  return (_: string, data: Uint8Array | ArrayBuffer) => {
    const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
    const digest = createHash("sha256").update(bytes).digest();
    return Promise.resolve(digest.buffer.slice(digest.byteOffset, digest.byteOffset + digest.byteLength));
  };
}

/** In place of Node's, which is done by other threads: the same history would not be the same. */
class Packing extends TransformStream<Uint8Array, Uint8Array> {
  constructor() {
    const parts: Uint8Array[] = [];
    super({
      transform: (part) => {
        parts.push(part);
      },
      flush: (line) => line.enqueue(new Uint8Array(gzipSync(Buffer.concat(parts)))),
    });
  }
}

interface Hold {
  after: number;
  readonly inside: boolean;
  readonly gate: Promise<void>;
  readonly reached: () => void;
}

function waited({ gate, reached }: Hold): Promise<void> {
  reached();
  return gate;
}

function read({ lost, status = 200, headers = {}, parts = [], broken }: Answer, held?: Hold): Response {
  if (lost) throw new TypeError("fetch failed");
  const left = parts.map((part) => Buffer.from(part, "base64")).filter((part) => part.length > 0);
  if (left.length === 0 && !broken) return new Response(null, { status, headers });
  const body = new ReadableStream({
    pull: async (line) => {
      if (held && left.length < parts.length) await waited(held);
      const part = left.shift();
      if (part) line.enqueue(new Uint8Array(part));
      else if (broken) line.error(new TypeError("network error"));
      else line.close();
    },
  });
  return new Response(body, { status, headers });
}

class Silent {
  onmessage: unknown = null;
  postMessage(): void {
    // No other page is looked at.
  }
}

type Drawn = { readonly full: Buffer; readonly thumb: Buffer };

function pictureOf(pictures: Pictures, bytes: ArrayBuffer): object {
  const drawn = pictures.get(createHash("sha256").update(new Uint8Array(bytes)).digest("hex"));
  if (!drawn) throw new DOMException("no picture", "InvalidStateError");
  return { drawn, width: 640, height: 480, close: () => undefined };
}

class Canvas {
  drawn: Drawn | undefined;
  width = 0;
  height = 0;

  getContext(): object {
    return {
      drawImage: (source: { readonly drawn: Drawn }) => {
        this.drawn = source.drawn;
      },
      getImageData: () => ({ data: [], width: this.width }),
    };
  }

  toBlob(done: (blob: Blob | null) => void, type: string): void {
    const bytes = this.width > 320 ? this.drawn?.full : this.drawn?.thumb;
    done(bytes ? new Blob([new Uint8Array(bytes)], { type }) : null);
  }
}
