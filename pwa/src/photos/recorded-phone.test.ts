// A phone of an earlier release as it was recorded (tests/e2e/recorded/): this app opens its database, loses no row of it and knows
// all of it for unsent. A real browser hands it in to a real server in tests/e2e/test_recorded_release.py.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { openDB } from "idb";
import { beforeAll, expect, test as it } from "vitest";
import { prune } from "../db/prune";
import { type Db, openDevice } from "../db/schema";
import { unsent, unsentRecords } from "../officers/rescue";
import { newPage } from "../platform/stand-ins.testing";
import { packed, unfinished } from "./unfinished";
import "fake-indexeddb/auto";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
interface Recorded {
  readonly databases: readonly {
    readonly name: string;
    readonly version: number;
    readonly stores: readonly {
      readonly name: string;
      readonly keyPath: string | string[] | null;
      readonly autoIncrement: boolean;
      readonly indexes: readonly { name: string; keyPath: string | string[]; unique: boolean }[];
      readonly rows: readonly (readonly [IDBValidKey, Json])[];
    }[];
  }[];
  readonly caches: readonly {
    readonly name: string;
    readonly files: readonly (readonly [string, string, string])[];
  }[];
}

const FOLDER = new URL("../../../tests/e2e/recorded/app-3/sqlite/phone.json.gz", import.meta.url);

function whole(value: Json): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(whole);
  const { $buffer, $bytes, $undefined } = value as { readonly [name: string]: Json };
  if ($undefined) return undefined;
  if (typeof $buffer === "string") return Uint8Array.from(Buffer.from($buffer, "base64")).buffer;
  if (typeof $bytes === "string") return Uint8Array.from(Buffer.from($bytes, "base64"));
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, whole(part)]));
}

/** Lays the officer's own database and tray into this page; returns its name and how many rows each store has. */
async function laid(): Promise<[string, Record<string, number>]> {
  newPage();
  const recorded: Recorded = JSON.parse(gunzipSync(readFileSync(FOLDER)).toString());
  for (const { name, files } of recorded.caches) {
    const cache = await caches.open(name);
    for (const [path, type, text] of files) {
      const headers = { "Content-Type": type };
      await cache.put(path, new Response(Buffer.from(text, "base64"), { headers }));
    }
  }
  const own = recorded.databases.find(({ name }) => name !== "loa");
  if (!own) throw new Error("no officer's database was recorded");
  const db = await openDB(own.name, own.version, {
    upgrade: (made) => {
      for (const { name, keyPath, autoIncrement, indexes } of own.stores) {
        const store = made.createObjectStore(name, { keyPath, autoIncrement });
        for (const index of indexes) store.createIndex(index.name, index.keyPath, { unique: index.unique });
      }
    },
  });
  for (const { name, keyPath, rows } of own.stores)
    for (const [key, row] of rows) await db.put(name, whole(row), keyPath === null ? key : undefined);
  db.close();
  return [own.name, Object.fromEntries(own.stores.map(({ name, rows }) => [name, rows.length]))];
}

async function counted(db: Db, stores: readonly string[]): Promise<Record<string, number>> {
  const all = stores.map(async (store) => [store, (await db.getAll(store as "writes")).length]);
  return Object.fromEntries(await Promise.all(all));
}

let db: Db;
let rows: Record<string, number>;

beforeAll(async () => {
  const [name, held] = await laid();
  [db, rows] = [await openDevice(name), held];
});

it("H-2: opened by this app it has every row, and all that was unsent is", async () => {
  // An answer to a return was under a key of its own, and is an entry of the outbox now.
  expect(await counted(db, Object.keys(rows))).toEqual({ ...rows, meta: (rows["meta"] ?? 0) - 1 });
  expect((await db.getAll("entries")).map(({ state, wire }) => [state, Object.keys(wire)])).toEqual([
    ["pending", ["id", "reply"]],
  ]);
  const held = await unsent(db);
  expect(held.writes.map(({ state }) => state)).toEqual(["refused", "pending", "pending", "pending"]);
  expect(held.files.filter(({ role }) => role === "full")).toHaveLength(4);
  expect(held.files.find(({ sent_bytes }) => sent_bytes > 0)?.state).toBe("waiting");
  // One of them lacks nothing but the answer to its return.
  expect(unsentRecords(held)).toBe(6);
  const open = await unfinished(db);
  expect(open.drafts).toHaveLength(3);
  expect(open.waiting).toHaveLength(3);
});

it("H-2: making room takes none of it", async () => {
  await prune(db, { held: [], pending: [] });
  expect(await counted(db, ["writes", "drafts", "uploads", "bytes"])).toEqual({
    writes: rows["writes"],
    drafts: rows["drafts"],
    uploads: rows["uploads"],
    bytes: rows["bytes"],
  });
  const [loose] = await packed(db, { ...(await unfinished(db)), waiting: [] });
  const found = await Promise.all(loose.files.map(({ read }) => read()));
  expect(found.length).toBeGreaterThan(0);
  expect(found.every((bytes) => bytes !== undefined)).toBe(true);
});
