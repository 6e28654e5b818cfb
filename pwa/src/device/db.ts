// Where what the officer made is kept: one database per officer on this phone, apart from anything a cache or an
// update may clear (SPEC H-2). Photos are ArrayBuffers: WebKit's Blobs in IndexedDB are not to be relied on.
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { Drawn } from "../sync/draft";
import type { Fields } from "../sync/record";
import type { Carried, Decision, Sent, View } from "../sync/view";
import type { Values } from "../sync/write";
import type { Catalog } from "./catalog";

/** An own write: never changed, only its fate is (SPEC W-4). */
export interface WriteRow extends Sent {
  /** Order of making on this phone; never travels. */
  readonly seq?: number;
  readonly id: string;
  readonly record: string;
  /** "unit campaign" of the record (SPEC ID-3). */
  readonly stream: string;
  readonly position?: number;
  readonly stored_at?: number;
  /** Why it was refused, or waits (`later`). */
  readonly code?: string;
  readonly field?: string;
}

/** A record: what was pulled (`base`), and what is shown of it (`view`), made anew whenever a part changes. */
export interface RecordRow {
  readonly record: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  /** The hub's number, or a provisional one of this device. */
  readonly number: string;
  readonly base: Fields;
  readonly decision: Decision | null;
  /** Order and day of arriving on this phone: lists hang on no phone's clock (G5). */
  readonly order: number;
  readonly day: string;
  readonly view: View;
  /** Keys of the lists: [campaign, order] under one of them. */
  readonly list: readonly [string, "shown" | "deleted", number];
  readonly attention?: readonly [string, "returned" | "conflict"];
}

/** An unfinished form: `drawn` is what was on the screen, `id` the id of the write it will make. */
export interface DraftRow {
  readonly id: string;
  readonly record: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  readonly drawn: Drawn;
  readonly now: Values;
  /** Nothing was entered yet: let go with its screen, shown nowhere. */
  readonly untouched?: boolean;
  /** Own refused writes that this form corrects (SPEC H-3, W-4). */
  readonly corrects: readonly string[];
  /** The record whose creation was refused and that this one stands for (ID-2). */
  readonly replaces?: string;
}

/** One file on its way: a photo, or its thumbnail. The bytes lie in `bytes` under the same hash. */
export interface UploadRow extends Carried {
  readonly sha256: string;
  readonly role: "thumb" | "full";
  readonly record: string;
  readonly stream: string;
  readonly size_bytes: number;
  readonly sent_bytes: number;
  readonly code?: string;
  readonly verified_at?: number;
}

export interface CursorRow {
  readonly unit: string;
  readonly campaign: string;
  readonly position: number;
  readonly tag: string;
  /** Where a pull of several pages began (SPEC C-2). */
  readonly floor: number;
}

export interface Meta {
  catalog: Catalog;
  /** Server clock minus phone clock. */
  offset_ms: number;
  exchanged_at: number;
  order: number;
  numbers: Readonly<Record<string, number>>;
  campaign: string;
  /** Last values by kind, and lists of texts for `suggest`. */
  defaults: Readonly<Record<string, Values>>;
  texts: Readonly<Record<string, readonly string[]>>;
  /** The app is older than the hub takes. */
  outdated: boolean;
}

export interface Schema extends DBSchema {
  writes: { key: number; value: WriteRow; indexes: { id: string; record: string; state: string } };
  records: {
    key: string;
    value: RecordRow;
    indexes: {
      list: [string, string, number];
      attention: [string, string];
      delivery: string;
      stream: [string, string];
    };
  };
  drafts: { key: string; value: DraftRow };
  uploads: {
    key: [string, string];
    value: UploadRow;
    indexes: { sha256: string; record: string; state: string };
  };
  bytes: { key: string; value: ArrayBuffer };
  cursors: { key: [string, string]; value: CursorRow };
  meta: { key: string; value: Meta[keyof Meta] };
}

export type Db = IDBPDatabase<Schema>;
type StoreName = "writes" | "records" | "drafts" | "uploads" | "bytes" | "cursors" | "meta";
export type Tx = IDBPTransaction<Schema, StoreName[], "readwrite">;

export function openDevice(name: string): Promise<Db> {
  return openDB<Schema>(name, 1, {
    upgrade(db) {
      const writes = db.createObjectStore("writes", { keyPath: "seq", autoIncrement: true });
      writes.createIndex("id", "id", { unique: true });
      writes.createIndex("record", "record");
      writes.createIndex("state", "state");
      const records = db.createObjectStore("records", { keyPath: "record" });
      records.createIndex("list", "list");
      records.createIndex("attention", "attention");
      records.createIndex("delivery", "view.delivery");
      records.createIndex("stream", ["unit", "campaign"]);
      db.createObjectStore("drafts", { keyPath: "id" });
      const uploads = db.createObjectStore("uploads", { keyPath: ["sha256", "record"] });
      uploads.createIndex("sha256", "sha256");
      uploads.createIndex("record", "record");
      uploads.createIndex("state", "state");
      db.createObjectStore("bytes");
      db.createObjectStore("cursors", { keyPath: ["unit", "campaign"] });
      db.createObjectStore("meta");
    },
    // Another tab runs a newer app: let it, this one opens anew at its next start.
    blocking: (_old, _new, event) => (event.target as IDBDatabase).close(),
  });
}

const STORES: StoreName[] = ["writes", "records", "drafts", "uploads", "bytes", "cursors", "meta"];

/** All of `work` or none of it, and its end means "on the disk": kill the page, it is there. */
export async function atomically<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const tx = db.transaction(STORES, "readwrite", { durability: "strict" });
  const worked = work(tx).catch((error: unknown) => {
    try {
      tx.abort();
    } catch {
      // It ended by itself, with this very error: no space left.
    }
    throw error;
  });
  const [result] = await Promise.all([worked, tx.done]);
  return result;
}

export async function meta<K extends keyof Meta>(db: Db, key: K): Promise<Meta[K] | undefined> {
  return (await db.get("meta", key)) as Meta[K] | undefined;
}

export async function metaIn<K extends keyof Meta>(tx: Tx, key: K): Promise<Meta[K] | undefined> {
  return (await tx.objectStore("meta").get(key)) as Meta[K] | undefined;
}
