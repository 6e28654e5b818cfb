// IndexedDB with promises: what this app uses of it and no more, typed by the rows and indexes of each store. The usual
// library for it (idb) can all that browsers can, and would be a twentieth of what a phone on 2G loads.

/** By store: what a row is, and the names of the indexes. */
export type Shape<S> = { readonly [N in keyof S]: { readonly row: unknown; readonly index?: string } };
type Name<S> = keyof S & string;
type Index<S extends Shape<S>, N extends Name<S>> = S[N]["index"];
type Query = IDBValidKey | IDBKeyRange;

/** By store: its options, and the key path of each index. */
export type Layout<S> = Readonly<
  Record<keyof S, readonly [IDBObjectStoreParameters?, Record<string, string | string[]>?]>
>;

/** Nothing of it was kept; its cause says why. */
export class Unsaved extends Error {}

/** Whether there was no room, in a database or in a cache. */
export function isFull(error: unknown): boolean {
  const why = error instanceof Unsaved ? error.cause : error;
  return why instanceof DOMException && why.name === "QuotaExceededError";
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Rows as one transaction sees them. It ends by itself: nothing but its own rows may be waited for in between. */
export interface Rows<S extends Shape<S>> {
  /** Records of which this transaction put a part: what is shown of them is to be made anew (records.ts). */
  readonly touched: Set<string>;
  get<N extends Name<S>>(store: N, key: Query, index?: Index<S, N>): Promise<S[N]["row"] | undefined>;
  /** In the order of the index. */
  getAll<N extends Name<S>>(
    store: N,
    index?: Index<S, N>,
    key?: Query,
    most?: number,
  ): Promise<S[N]["row"][]>;
  getAllKeys(store: Name<S>): Promise<IDBValidKey[]>;
  count<N extends Name<S>>(store: N, index: Index<S, N>, key: Query): Promise<number>;
  put<N extends Name<S>>(store: N, row: S[N]["row"], key?: IDBValidKey): Promise<void>;
  delete(store: Name<S>, key: IDBValidKey): Promise<void>;
}

function rows<S extends Shape<S>>(open: (store: string) => IDBObjectStore): Rows<S> {
  const touched = new Set<string>();
  const source = (store: string, index?: string) => (index ? open(store).index(index) : open(store));
  return {
    touched,
    get: (store, key, index) => answer(source(store, index).get(key)),
    getAll: (store, index, key, most) => answer(source(store, index).getAll(key, most)),
    getAllKeys: (store) => answer(open(store).getAllKeys()),
    count: (store, index, key) => answer(source(store, index).count(key)),
    put: async (store, row, key) => {
      await answer(open(store).put(row, key));
      const { record } = row as { readonly record?: string };
      if (record) touched.add(record);
    },
    delete: (store, key) => answer(open(store).delete(key)),
  };
}

/** A database: each of its rows' calls is a transaction of its own. */
export interface Database<S extends Shape<S>> extends Rows<S> {
  readonly name: string;
  close(): void;
  /** All of `work` or none of it, and its end means "on the disk": kill the page, it is there. */
  atomically<T>(work: (tx: Rows<S>) => Promise<T>): Promise<T>;
}

/** Opens a database. What `layout` has and it lacks is made: all of it on a new phone, an index where the app grew. */
export async function open<S extends Shape<S>>(
  name: string,
  layout: Layout<S>,
  version = 1,
): Promise<Database<S>> {
  const request = indexedDB.open(name, version);
  request.onupgradeneeded = () => {
    const { result, transaction } = request;
    for (const store in layout) {
      const [options, indexes] = layout[store];
      const held = result.objectStoreNames.contains(store) && transaction?.objectStore(store);
      const made = held || result.createObjectStore(store, options);
      for (const index in indexes) {
        if (!made.indexNames.contains(index)) made.createIndex(index, indexes[index] ?? "");
      }
    }
  };
  const db = await unblocked(request).catch((error: DOMException) => {
    // This build was called back after a newer one had added to the database: all that it knows is there.
    if (error.name === "VersionError") return answer(indexedDB.open(name));
    throw error;
  });
  // The system closed it, or another tab runs a newer app that needs it: the page opens it anew. What an officer was
  // writing is in it, as a draft; where it is gone altogether, the first screen says so.
  db.onclose = () => again();
  db.onversionchange = () => {
    // First: the other one waits for that.
    db.close();
    again();
  };
  const atomically = <T>(work: (tx: Rows<S>) => Promise<T>) =>
    strictly(db, (tx) => work(rows(tx))).catch((cause: unknown) => {
      throw new Unsaved("", { cause });
    });
  return {
    ...rows<S>((store) => db.transaction(store).objectStore(store)),
    name,
    close: () => db.close(),
    atomically,
    put: (...row) => atomically((tx) => tx.put(...row)),
    delete: (...row) => atomically((tx) => tx.delete(...row)),
  };
}

/** Another page or an old worker holds an older version: that is an error at once, and mended once it lets go. */
function unblocked(request: IDBOpenDBRequest): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    request.onblocked = () => {
      reject(new DOMException("held by another page", "AbortError"));
      request.onsuccess = () => {
        request.result.close();
        again();
      };
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** The page begins anew; a worker, which has no page, opens what it needs the next time. */
function again(): void {
  if ("document" in globalThis) location.reload();
}

async function strictly<T>(
  db: IDBDatabase,
  work: (store: (name: string) => IDBObjectStore) => Promise<T>,
): Promise<T> {
  const tx = db.transaction(db.objectStoreNames, "readwrite", { durability: "strict" });
  const ended = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error);
  });
  const worked = work((name) => tx.objectStore(name)).catch((error: unknown) => {
    try {
      tx.abort();
    } catch {
      // It ended by itself, with this very error: no space left.
    }
    // What waited in it when room ended says only that it was let go.
    throw tx.error ?? error;
  });
  const [result] = await Promise.all([worked, ended]);
  return result;
}
