// A phone's rows in memory, for tests of what reads and writes them in a transaction.
import type { Db, Tx } from "./schema";

type Row = Record<string, unknown>;

/** Stores by name, with rows in order of their keys. */
export function inMemory(rows: Readonly<Record<string, readonly Row[]>>): Tx & Db {
  const stores = new Map<string, Map<string, Row>>();
  const store = (name: string) => {
    const held = stores.get(name) ?? new Map<string, Row>();
    stores.set(name, held);
    return held;
  };
  let last = 0;
  const found = (name: string, index: string, key: unknown) =>
    [...store(name).values()].filter((row) => row[index] === key);
  const tx = {
    touched: new Set<string>(),
    get: (name: string, key: unknown, index?: string) =>
      Promise.resolve(index ? found(name, index, key)[0] : store(name).get(String(key))),
    getAll: (name: string, index?: string, key?: unknown) =>
      Promise.resolve(index ? found(name, index, key) : [...store(name).values()]),
    put: (name: string, given: Row, key?: string) => {
      const row = name === "writes" && !given["seq"] ? { ...given, seq: ++last } : given;
      if (row["record"]) tx.touched.add(String(row["record"]));
      return Promise.resolve(store(name).set(key ?? keyOf(name, row), row));
    },
    delete: (name: string, key: unknown) => Promise.resolve(store(name).delete(String(key))),
    atomically: (work: (within: unknown) => unknown) => work(tx),
  };
  for (const [name, given] of Object.entries(rows)) for (const row of given) void tx.put(name, row);
  return tx as unknown as Tx & Db;
}

function keyOf(name: string, row: Row): string {
  const { id, seq, sha256, record, unit, campaign } = row;
  const keys = {
    writes: seq,
    records: record,
    words: record,
    uploads: [sha256, record],
    cursors: [unit, campaign],
  };
  return String(keys[name as keyof typeof keys] ?? id);
}
