// What of a phone outlives its pages: its databases, its caches, its few texts, its locks, its clock.
import { IDBFactory } from "fake-indexeddb";
import { Caches, Locks, Texts } from "../src/platform/browser.testing";

/** As structuredClone does with rows of this app, in a fraction of the time. */
function cloned(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return value.map(cloned);
  if (Object.getPrototypeOf(value) !== Object.prototype) return whole(value);
  const copy = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, cloned(part)]));
  // A catalogue is read with every change, and is large: all have the same one, which nobody can change.
  return "kinds" in copy && "campaigns" in copy ? frozen(copy) : copy;
}

function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

const whole = globalThis.structuredClone;
globalThis.structuredClone = cloned as typeof structuredClone;

export class Disk {
  databases = new IDBFactory();
  readonly texts = new Texts();
  readonly caches = new Caches();
  readonly locks = new Locks();
  /** How far its clock is from the others', in ms. */
  skew = 0;
  #drawn = 0;
  readonly #ids: string;

  /** `ids`: what all ids that are drawn here begin with, so that the same history gives the same ones. */
  constructor(ids: string) {
    this.#ids = ids;
  }

  drawId(): string {
    this.#drawn += 1;
    return this.#ids + String(this.#drawn).padStart(16 - this.#ids.length, "0");
  }

  /** Takes over what another one holds, or held then: a clone, or a storage that was rolled back. */
  async become(other: Disk): Promise<void> {
    this.databases = await copied(other.databases);
  }

  /** What it holds now, to be taken over later. */
  async kept(): Promise<Disk> {
    const copy = new Disk("");
    await copy.become(this);
    return copy;
  }
}

/** By way of IndexedDB itself: whatever another implementation keeps beside rows and layout is none of ours. */
async function copied(from: IDBFactory): Promise<IDBFactory> {
  const to = new IDBFactory();
  for (const { name = "", version = 1 } of await from.databases()) {
    const source = await done(from.open(name));
    const target = await opened(to.open(name, version), (made) => layOut(source, made));
    const stores = [...source.objectStoreNames];
    const reading = source.transaction(stores);
    const rows = await Promise.all(stores.map((store) => done(reading.objectStore(store).getAll())));
    const again = source.transaction(stores);
    const keys = await Promise.all(stores.map((store) => done(again.objectStore(store).getAllKeys())));
    const writing = target.transaction(stores, "readwrite");
    const ended = new Promise((resolve, reject) => {
      writing.oncomplete = resolve;
      writing.onabort = reject;
    });
    for (const [nth, name] of stores.entries()) {
      const store = writing.objectStore(name);
      for (const [at, row] of (rows[nth] ?? []).entries())
        store.put(row, ...(store.keyPath === null ? [keys[nth]?.[at]] : []));
    }
    await ended;
    source.close();
    target.close();
  }
  return to;
}

function layOut(source: IDBDatabase, made: IDBDatabase): void {
  const reading = source.transaction([...source.objectStoreNames]);
  for (const name of source.objectStoreNames) {
    const { keyPath, autoIncrement, indexNames } = reading.objectStore(name);
    const store = made.createObjectStore(name, { keyPath, autoIncrement });
    for (const index of indexNames) {
      const { keyPath: path, unique, multiEntry } = reading.objectStore(name).index(index);
      store.createIndex(index, path, { unique, multiEntry });
    }
  }
}

function opened(request: IDBOpenDBRequest, layingOut: (made: IDBDatabase) => void): Promise<IDBDatabase> {
  request.onupgradeneeded = () => layingOut(request.result);
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
