// IndexedDB by the library idb, typed by the rows and indexes of each store. Added to it: a write is all or nothing, and on
// the disk when its promise ends (`atomically`); a page whose database is taken away is loaded anew.

import { type IDBPDatabase, type IDBPObjectStore, type IDBPTransaction, openDB } from "idb";
import { beginAnew, whenLetGo } from "../platform/page";

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
export class Unsaved extends Error {
  override readonly name = "Unsaved";
}

/** Whether there was no room, in a database or in a cache. */
export function isFull(error: unknown): boolean {
  const why = error instanceof Unsaved ? error.cause : error;
  return why instanceof DOMException && why.name === "QuotaExceededError";
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
  getAllKeys<N extends Name<S>>(store: N, index?: Index<S, N>, key?: Query): Promise<IDBValidKey[]>;
  count<N extends Name<S>>(store: N, index: Index<S, N>, key: Query): Promise<number>;
  put<N extends Name<S>>(store: N, row: S[N]["row"], key?: IDBValidKey): Promise<void>;
  delete(store: Name<S>, key: IDBValidKey): Promise<void>;
}

/**
 * A database: each of its rows' calls that write is a transaction of its own. Questions asked in one go share one, so that
 * their answers are of the same moment, and cost one way there and back.
 */
export interface Database<S extends Shape<S>> extends Rows<S> {
  readonly name: string;
  close(): void;
  /**
   * Of these stores; of all, if none are named. All of `work` or none of it, and its end means "on the disk": kill the page, it is there. Rejects with `Unsaved`. Where room
   * was made for it, `work` is done again from its beginning.
   */
  atomically<T>(work: (tx: Rows<S>) => Promise<T>, stores?: readonly Name<S>[]): Promise<T>;
}

type Store = IDBPObjectStore<unknown, string[], string, "readwrite">;
type Stores = (name: string) => Store;

/** What is read, of a store that is there, or will be in a moment. */
function reads<S extends Shape<S>>(open: (name: string) => Store | Promise<Store>) {
  const source = async (name: string, index?: string) => {
    const store = open(name);
    const there = store instanceof Promise ? await store : store;
    return index ? there.index(index) : there;
  };
  const answers: Pick<Rows<S>, "get" | "getAll" | "getAllKeys" | "count"> = {
    get: async (store, key, index) => (await source(store, index)).get(key),
    getAll: async (store, index, key, most) => (await source(store, index)).getAll(key, most),
    getAllKeys: async (store, index, key) => (await source(store, index)).getAllKeys(key),
    count: async (store, index, key) => (await source(store, index)).count(key),
  };
  return answers;
}

function rows<S extends Shape<S>>(open: Stores): Rows<S> {
  const touched = new Set<string>();
  return {
    touched,
    ...reads<S>(open),
    put: async (store, row, key) => {
      await open(store).put(row, key);
      const { record } = row as { readonly record?: string };
      if (record) touched.add(record);
    },
    delete: (store, key) => open(store).delete(key),
  };
}

/** How often room is made for one thing: a browser may say each time that it let go of something, and have no more room. */
const ROUNDS_MOST = 50;

/**
 * Opens a database. What `layout` has and it lacks is made: all of it on a new phone, an index where the app grew. What
 * finds no room is tried again while `makeRoom` lets something go.
 */
export async function open<S extends Shape<S>>(
  name: string,
  layout: Layout<S>,
  version = 1,
  makeRoom: (db: Database<S>) => Promise<boolean> = async () => false,
): Promise<Database<S>> {
  const db = await connected(name, version, (upgraded, tx) => complete(upgraded, tx, layout)).catch(
    (error: DOMException) => {
      // This build was called back after a newer one had added to the database: all that it knows is there.
      if (error.name === "VersionError") return connected(name);
      throw error;
    },
  );
  /** Begins what is asked by now: what is written next is of a later moment. */
  let begin: () => void = () => undefined;
  const once = <T>(work: (tx: Rows<S>) => Promise<T>, stores?: readonly Name<S>[]) => {
    begin();
    return strictly(db, (tx) => work(rows(tx)), stores).catch((cause: unknown) => {
      throw new Unsaved("", { cause });
    });
  };
  const atomically = async <T>(
    work: (tx: Rows<S>) => Promise<T>,
    stores?: readonly Name<S>[],
  ): Promise<T> => {
    for (let rounds = 0; ; rounds += 1) {
      try {
        return await once(work, stores);
      } catch (error) {
        const more = isFull(error) && rounds < ROUNDS_MOST;
        // What makes room asks for none itself.
        if (!(more && (await makeRoom({ ...opened, atomically: once }).catch(() => false)))) throw error;
      }
    }
  };
  let asked: Set<string> | undefined;
  let shared: Promise<Stores>;
  // A transaction over no more than is asked: whoever writes a large file into another store holds up nobody.
  const onlyRead = (name: string) => {
    if (!asked) {
      const names = new Set<string>();
      asked = names;
      shared = new Promise((resolve, reject) => {
        begin = () => {
          if (asked !== names) return;
          asked = undefined;
          try {
            const tx = db.transaction([...names]);
            // The request in it rejects, too.
            tx.done.catch(() => undefined);
            // Only read from: what writes is put in its place below.
            resolve((store) => tx.objectStore(store) as unknown as Store);
          } catch (error) {
            reject(error);
          }
        };
        // It takes more questions as long as this script runs.
        queueMicrotask(begin);
      });
    }
    asked.add(name);
    return shared.then((stores) => stores(name));
  };
  const opened: Database<S> = {
    ...reads<S>(onlyRead),
    touched: new Set(),
    name,
    close: () => db.close(),
    atomically,
    put: (...row) => atomically((tx) => tx.put(...row), [row[0]]),
    // A browser lets go of rows whatever room there is.
    delete: (...row) => once((tx) => tx.delete(...row), [row[0]]),
  };
  return opened;
}

type Upgrade = (db: IDBPDatabase, tx: IDBPTransaction<unknown, string[], "versionchange">) => void;

/** Rejects at once where another page or an old worker holds an older version; mended once that one lets go. */
function connected(name: string, version?: number, upgrade?: Upgrade): Promise<IDBPDatabase> {
  return new Promise((resolve, reject) => {
    let blocked = false;
    const opening = openDB(name, version, {
      upgrade: (db, _old, _new, tx) => {
        // The opening rejects, too.
        tx.done.catch(() => undefined);
        upgrade?.(db, tx);
      },
      blocked: () => {
        blocked = true;
        reject(new DOMException("held by another page", "AbortError"));
      },
      // Another tab runs a newer app that needs it: that one waits for this to close, which a shot on its way to the disk holds off.
      blocking: (_old, _new, { target }) =>
        whenLetGo(() => {
          (target as IDBDatabase).close();
          beginAnew();
        }),
      // The system closed it. What an officer was writing is in it, as a draft; where it is gone altogether, the first
      // screen says so.
      terminated: () => beginAnew(),
    });
    const came = (db: IDBPDatabase) => {
      if (!blocked) return resolve(db);
      db.close();
      beginAnew();
    };
    opening.then(came, reject);
  });
}

function complete<S>(
  db: IDBPDatabase,
  tx: IDBPTransaction<unknown, string[], "versionchange">,
  layout: Layout<S>,
): void {
  for (const store in layout) {
    const [options, indexes] = layout[store];
    const held = db.objectStoreNames.contains(store);
    const made = held ? tx.objectStore(store) : db.createObjectStore(store, options);
    for (const index in indexes) {
      if (!made.indexNames.contains(index)) made.createIndex(index, indexes[index] ?? "");
    }
  }
}

async function strictly<T>(
  db: IDBPDatabase,
  work: (store: Stores) => Promise<T>,
  stores: readonly string[] = [...db.objectStoreNames],
): Promise<T> {
  const tx = db.transaction([...stores], "readwrite", { durability: "strict" });
  const worked = work((name) => tx.objectStore(name)).catch((error: unknown) => {
    try {
      tx.abort();
    } catch {
      // It ended by itself, with this very error: no space left.
    }
    // What waited in it when room ended says only that it was let go.
    throw tx.error ?? error;
  });
  // The first error counts: where a write itself finds no room, the end says only that it was let go.
  tx.done.catch(() => undefined);
  const result = await worked;
  await tx.done;
  return result;
}
