// Rows of an officer's database in memory. What takes an answer (apply.ts) is a function from tables to tables; one transaction
// reads them, and writes what differs afterwards.
import { type Block, type CursorRow, type Head, type Push, resultsOf } from "../core/protocol";
import { recordOf } from "../core/record";
import { streamOf } from "../core/sums";
import type {
  CaptureRow,
  DraftRow,
  EntryRow,
  Meta,
  RecordRow,
  Schema,
  Tx,
  UploadRow,
  WriteRow,
} from "../db/schema";

/** By store and primary key; the parts of a key of two stand side by side with a blank between. Maps keep the order of the store. */
export interface Tables {
  readonly writes: Map<number, WriteRow>;
  readonly entries: Map<string, EntryRow>;
  readonly records: Map<string, RecordRow>;
  readonly uploads: Map<string, UploadRow>;
  readonly drafts: Map<string, DraftRow>;
  readonly captures: Map<string, CaptureRow>;
  readonly cursors: Map<string, CursorRow>;
  readonly meta: Map<keyof Meta, Meta[keyof Meta]>;
}

/** What a transaction writes to get from the one to the other. */
export interface Changes {
  readonly puts: readonly Put[];
  readonly deletes: readonly Delete[];
}
type Put = readonly [keyof Tables, row: unknown, key?: string];
type Delete = readonly [keyof Schema, IDBValidKey];

const STORES = ["writes", "entries", "records", "uploads", "drafts", "captures", "cursors", "meta"] as const;
/** Their primary key has two parts. */
const PAIRED: readonly string[] = ["uploads", "cursors"];

export function metaOf<K extends keyof Meta>({ meta }: Tables, key: K): Meta[K] | undefined {
  return meta.get(key) as Meta[K] | undefined;
}

/** To be changed; the rows themselves are never changed, only exchanged. */
export function copyOf(tables: Tables): Tables {
  return Object.fromEntries(
    STORES.map((store) => [store, new Map<unknown, unknown>(tables[store])]),
  ) as never;
}

export function changesFrom(before: Tables, after: Tables): Changes {
  const puts: Put[] = [];
  const deletes: Delete[] = [];
  for (const store of STORES) {
    const was: ReadonlyMap<unknown, unknown> = before[store];
    const is: ReadonlyMap<unknown, unknown> = after[store];
    for (const [key, row] of is)
      if (was.get(key) !== row) puts.push(store === "meta" ? [store, row, String(key)] : [store, row]);
    for (const key of was.keys()) if (!is.has(key)) deletes.push(...deleting(store, key as string));
  }
  return { puts, deletes };
}

/** A shot's bytes lie apart. */
function deleting(store: keyof Tables, key: string): Delete[] {
  if (store === "captures")
    return [
      [store, key],
      ["originals", key],
    ];
  return [[store, PAIRED.includes(store) ? key.split(" ") : key]];
}

export async function write(tx: Tx, { puts, deletes }: Changes): Promise<void> {
  for (const [store, row, key] of puts) await tx.put(store, row as never, key);
  for (const one of deletes) await tx.delete(...one);
}

/** What to read beside cursors, notes and the own writes that are stored and have not landed. */
export interface Wanted {
  /** All own writes and files, or those of these records alone. */
  readonly own?: "all" | readonly string[];
  /** Files of these hashes. */
  readonly photos?: readonly string[];
  /** Records by their ids, and all of these streams. */
  readonly records?: readonly string[];
  readonly streams?: readonly (readonly string[])[];
  /** Forms and shots too, which a purge takes along. */
  readonly forms?: boolean;
}

const NOTES = [
  ...(["restored", "push", "noted", "named", "order"] as const),
  ...(["exchanged_at", "catalog", "replaced", "let_go"] as const),
];

export async function read(tx: Tx, wanted: Wanted): Promise<Tables> {
  const { own = [], photos = [], records = [], streams = [], forms = false } = wanted;
  const all = own === "all";
  const each = all ? [] : own;
  const [entries, writes, uploads, cursors, notes, drafts, captures, pulled] = await Promise.all([
    tx.getAll("entries"),
    gather(
      all ? tx.getAll("writes") : tx.getAll("writes", "state", "stored"),
      each.map((record) => tx.getAll("writes", "record", record)),
    ),
    gather(all ? tx.getAll("uploads") : [], [
      ...each.map((record) => tx.getAll("uploads", "record", record)),
      ...(all ? [] : photos).map((sha256) => tx.getAll("uploads", "sha256", sha256)),
    ]),
    tx.getAll("cursors"),
    Promise.all(NOTES.map(async (key) => [key, await tx.get("meta", key)] as const)),
    forms ? tx.getAll("drafts") : [],
    forms ? tx.getAll("captures") : [],
    gather(
      [],
      streams.map((stream) => tx.getAll("records", "stream", [...stream])),
    ),
  ]);
  const ids = new Set([...records, ...each, ...writes.map(({ record }) => record)]);
  for (const { record } of pulled) ids.delete(record);
  const others = await Promise.all([...ids].map((id) => tx.get("records", id)));
  writes.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
  return {
    writes: new Map(writes.map((row) => [row.seq ?? 0, row])),
    entries: new Map(entries.map((row) => [row.id, row])),
    records: new Map([...pulled, ...others].flatMap((row) => (row ? [[row.record, row]] : []))),
    uploads: new Map(uploads.map((row) => [`${row.sha256} ${row.record}`, row])),
    drafts: new Map(drafts.map((row) => [row.id, row])),
    captures: new Map(captures.map((row) => [row.id, row])),
    cursors: new Map(cursors.map((row) => [streamOf(row), row])),
    meta: new Map(notes.flatMap(([key, row]) => (row === undefined ? [] : [[key, row]]))),
  };
}

async function gather<T>(first: T[] | Promise<T[]>, more: readonly Promise<T[]>[]): Promise<T[]> {
  return (await Promise.all([first, ...more])).flat();
}

/** Whether it says of a write that its record was purged (L-12, B-9). */
export function purgesAny(head: Head, push: Push | undefined): boolean {
  return resultsOf(head, push).some(({ code }) => code === "purged");
}

/** What the head of an answer says something of: all that is here, if the server was restored. */
export async function rowsForHead(tx: Tx, head: Head, push: Push | undefined): Promise<Tables> {
  const [restored, cursors] = await Promise.all([tx.get("meta", "restored"), tx.getAll("cursors")]);
  const forms = purgesAny(head, push);
  if (restored !== head.restored)
    return read(tx, { own: "all", streams: cursors.map(({ unit, campaign }) => [unit, campaign]), forms });
  const ids = resultsOf(head, push).map(({ id }) => id);
  const writes = await Promise.all(ids.map((id) => tx.get("writes", id, "id")));
  const entries = await Promise.all(ids.map((id) => tx.get("entries", id)));
  const spoken = entries.flatMap((row) => (row && recordOf(row.wire)) ?? []);
  const own = new Set([...writes.flatMap((row) => (row ? [row.record] : [])), ...spoken]);
  return read(tx, { own: [...own], photos: head.photos.map(({ sha256 }) => sha256), forms });
}

/** What a block changes: few rows, unless a stream begins anew or a record was purged: then whatever is this phone's own. */
export async function rowsForBlock(tx: Tx, block: Block): Promise<Tables> {
  const here = await streamsHere(tx);
  const reset = block.cursors.filter((cursor) => cursor.reset);
  const scope = new Set(block.cursors.map(streamOf));
  const left = here.filter((stream) => !scope.has(stream.join(" ")));
  const forms = block.changes.some(({ purged }) => purged);
  return read(tx, {
    own: forms || reset.length > 0 ? "all" : [],
    records: block.changes.map(({ record }) => record),
    streams: [...reset.map(({ unit, campaign }) => [unit, campaign]), ...left],
    forms,
  });
}

/** Streams of which records are here: from one to the next, the first record beyond the last one's key. */
async function streamsHere(tx: Tx): Promise<[unit: string, campaign: string][]> {
  const all: [string, string][] = [];
  for (;;) {
    const first = await tx.get("records", IDBKeyRange.lowerBound(all.at(-1) ?? [], true), "stream");
    if (!first) return all;
    all.push([first.unit, first.campaign]);
  }
}
