// A phone's database for tests: a real one (fake-indexeddb), opened as the app opens it, with rows in it.
import "fake-indexeddb/auto";
import { vi } from "vitest";
import type { Kind } from "../core/kind";
import type { Values } from "../core/record";
import type { Catalog } from "./catalog";
import { amend } from "./records";
import { type Db, openDevice, type Schema, type WriteRow } from "./schema";

/** Rows by store, as much of each as a test speaks of; without a key path of their own: by key. */
export type Given = {
  readonly [N in Exclude<keyof Schema, (typeof KEYED)[number]>]?: readonly object[];
} & { readonly [N in (typeof KEYED)[number]]?: Readonly<Record<string, unknown>> };

const TABLES = [
  "writes",
  "entries",
  "records",
  "words",
  "histories",
  "drafts",
  "captures",
  "uploads",
  "cursors",
] as const;
const KEYED = ["bytes", "originals", "meta"] as const;
const RECORD = {
  kind: "banner",
  unit: "u",
  campaign: "c",
  number: "",
  base: {},
  decision: null,
  order: 1,
  day: "",
};

/** Under a name that no test had before. Records that are given without a view get the one that the app makes. */
export async function phone(given: Given = {}): Promise<Db> {
  const db = await openDevice(`phone-${crypto.randomUUID()}`);
  await fill(db, given);
  return db;
}

export async function fill(db: Db, given: Given): Promise<void> {
  const records = (given.records ?? []) as { readonly record: string; readonly view?: object }[];
  const rows = { ...given, records: records.map((row) => ({ ...RECORD, ...row })) };
  await db.atomically(async (tx) => {
    for (const store of TABLES) for (const row of rows[store] ?? []) await tx.put(store, row as never);
    for (const store of KEYED) {
      for (const [key, row] of Object.entries(given[store] ?? {})) await tx.put(store, row as never, key);
    }
  });
  const bare = records.filter(({ view }) => !view);
  if (bare.length > 0) await amend(db, async (tx) => bare.map(({ record }) => tx.touched.add(record)));
}

/** All that is in it, to be compared with what was in it before. */
export async function contents(db: Db): Promise<Record<string, unknown>> {
  const all = [...TABLES, ...KEYED].map(
    async (store) => [store, await db.getAllKeys(store), await db.getAll(store)] as const,
  );
  return Object.fromEntries((await Promise.all(all)).map(([store, keys, rows]) => [store, { keys, rows }]));
}

/** An own write that waits; a create where no record is said. */
export function ownWrite(
  id: string,
  set: Values,
  more: Partial<WriteRow> & { seen?: string[] } = {},
): WriteRow {
  const { record = id, seen, ...rest } = more;
  const creates = record === id ? { kind: "banner", unit: "u", campaign: "c" } : {};
  const wire = { id, at: 1, record, ...creates, set, ...(seen && { seen }) };
  return { id, record, kind: "banner", stream: "u c", state: "pending", wire, ...rest };
}

const BANNER = {
  ...{
    kind: "banner",
    prefix: "BR",
    order: 10,
    label: {},
    title: "hamlet",
    photos: { required: true, max: 10 },
  },
  fields: [
    { name: "hamlet", type: "text", label: {}, suggest: "hamlets", default: "last" },
    { name: "quantity", type: "integer", label: {}, default: 1 },
    { name: "note", type: "text", label: {}, multiline: true },
  ],
  figures: [{ code: "banners", label: {}, unit: {}, product: ["quantity"] }],
} satisfies Kind;

export const KIND: Kind = BANNER;

export const CATALOG: Catalog = {
  ...{ etag: "held", demo: false, officer: { id: "o", name: "Cán bộ", mark: "A1" }, kinds: [BANNER] },
  units: [{ id: "u", name: "Xã Một", short_name: "Một", stations: [], hamlets: [], merged_into: null }],
  campaigns: [
    {
      ...{
        id: "c",
        name: "Đợt",
        practice: false,
        archived: false,
        closed: false,
        slogans: [],
        kinds: ["banner"],
      },
      ...{ due_before: "2030-01-01", due_levels: {} },
    },
  ],
};

/** The `nth` thing that is written from now on finds no room, as on a phone that is full; undone by `vi.restoreAllMocks()`. */
export function noRoomFor(nth = 1): { readonly met: () => boolean } {
  let left = nth;
  noRoomWhile(() => {
    left -= 1;
    return left === 0;
  });
  return { met: () => left <= 0 };
}

/** Nothing that is written finds room while `full` says so; what is deleted goes all the same, as in a browser. */
export function noRoomWhile(full: () => boolean): void {
  const { put } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...row) {
    if (!full()) return put.apply(this, row);
    return refuse(this);
  });
}

/** A request that finds no room. */
export function refuse(store: IDBObjectStore): IDBRequest {
  return (store as Inside).transaction._execRequestAsync({
    source: store,
    operation: () => {
      throw new DOMException("no room", "QuotaExceededError");
    },
  });
}

/** Full for good, from now on. */
export function noRoom(): void {
  noRoomWhile(() => true);
}

/** Of fake-indexeddb: how a request that fails is made, which IndexedDB itself has no way to ask for. */
interface Inside extends IDBObjectStore {
  readonly transaction: IDBTransaction & {
    _execRequestAsync(asked: {
      readonly source: IDBObjectStore;
      readonly operation: () => never;
    }): IDBRequest;
  };
}
