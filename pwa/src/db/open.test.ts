// What idb is wrapped for: a write is all or nothing (SPEC G1 for the phone), and a page whose database another build
// needs, holds or closed begins anew.
import "fake-indexeddb/auto";
import { forceCloseDatabase } from "fake-indexeddb";
import { afterEach, expect, test as it, vi } from "vitest";
import { newPage } from "../platform/stand-ins.testing";
import { until } from "../platform/until.testing";
import { type Database, isFull, type Layout, open, Unsaved } from "./open";
import { noRoomFor } from "./phone.testing";

interface Animal {
  readonly id: string;
  readonly record?: string;
  readonly legs?: number;
}
interface Shape {
  animals: { row: Animal; index: "legs" };
  notes: { row: string };
}
const OLD: Layout<Pick<Shape, "animals">> = { animals: [{ keyPath: "id" }] };
const NEW: Layout<Shape> = { animals: [{ keyPath: "id" }, { legs: "legs" }], notes: [] };
let names = 0;

function fresh(): string {
  names += 1;
  return `open-${names}`;
}

function ids(rows: readonly Animal[]): string[] {
  return rows.map(({ id }) => id);
}

/** The connection that a database holds; its own way to it is closed. */
function connectionOf(work: () => Promise<unknown>): Promise<IDBDatabase> {
  const { transaction } = IDBDatabase.prototype;
  return new Promise((resolve, reject) => {
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (this: IDBDatabase, ...how) {
      resolve(this);
      return transaction.apply(this, how);
    });
    work().catch(reject);
  });
}

/** Another page that does not let go when it is asked to. */
function holding(name: string, version: number): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, version);
    opening.onupgradeneeded = () => opening.result.createObjectStore("animals", { keyPath: "id" });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

it("an index and a store that an older build did not have are made, over the rows that it wrote", async () => {
  const name = fresh();
  const before = await open(name, OLD);
  await before.put("animals", { id: "dog", legs: 4 });
  before.close();
  const now = await open(name, NEW, 2);
  expect(await now.getAll("animals", "legs", 4)).toEqual([{ id: "dog", legs: 4 }]);
  await now.put("notes", "kept", "a");
  expect(await now.get("notes", "a")).toBe("kept");
});

it("a build that was called back opens what a newer one wrote, and reads and writes what it knows", async () => {
  const name = fresh();
  const newer = await open(name, NEW, 2);
  await newer.put("animals", { id: "dog", legs: 4 });
  newer.close();
  const called = await open(name, OLD, 1);
  await called.put("animals", { id: "hen", legs: 2 });
  expect(ids(await called.getAll("animals"))).toEqual(["dog", "hen"]);
});

it("a page that holds the older version: said at once, and the page begins anew when that one lets go", async () => {
  const { location } = newPage();
  const name = fresh();
  const other = await holding(name, 1);
  await expect(open(name, NEW, 2)).rejects.toMatchObject({ name: "AbortError" });
  expect(location.reload).not.toHaveBeenCalled();
  other.close();
  await until(() => expect(location.reload).toHaveBeenCalledOnce());
  expect((await open(name, NEW, 2)).name).toBe(name);
});

it("a page lets a newer build have its database, and begins anew", async () => {
  const { location } = newPage();
  const name = fresh();
  await open(name, OLD);
  const newer = await open(name, NEW, 2);
  expect(await newer.getAll("notes")).toEqual([]);
  expect(location.reload).toHaveBeenCalledOnce();
});

it("a database that the system closed begins the page anew; a worker, which has none, goes on", async () => {
  const closed = async () => {
    const db = await open(fresh(), OLD);
    const connection = await connectionOf(() => db.getAll("animals"));
    vi.restoreAllMocks();
    // Its own event, which comes behind a transaction that is under way: the next page must not hear it.
    const closed = new Promise((resolve) => connection.addEventListener("close", resolve));
    forceCloseDatabase(connection as never);
    await closed;
    await tick();
  };
  const reload = vi.fn();
  vi.stubGlobal("location", { reload });
  await closed();
  expect(reload).not.toHaveBeenCalled();
  const { location } = newPage();
  await closed();
  expect(location.reload).toHaveBeenCalledOnce();
});

async function filled(): Promise<Database<Shape>> {
  const db = await open(fresh(), NEW);
  await db.put("animals", { id: "dog", legs: 4 });
  return db;
}

it("what fails in the middle leaves nothing of what went before it, in no store", async () => {
  const db = await filled();
  const cause = new Error("enough");
  const work = db.atomically(async (tx) => {
    await tx.put("animals", { id: "dog", legs: 3 });
    await tx.put("notes", "gone", "a");
    await tx.delete("animals", "dog");
    throw cause;
  });
  await expect(work).rejects.toBeInstanceOf(Unsaved);
  await expect(work).rejects.toMatchObject({ cause });
  expect(await db.getAll("animals")).toEqual([{ id: "dog", legs: 4 }]);
  expect(await db.getAll("notes")).toEqual([]);
  await db.put("animals", { id: "hen" });
  expect(ids(await db.getAll("animals"))).toEqual(["dog", "hen"]);
});

it("a row that cannot be kept takes the others of its transaction with it", async () => {
  const db = await filled();
  const work = db.atomically(async (tx) => {
    await tx.put("notes", "gone", "a");
    await tx.put("animals", { legs: 2 } as unknown as Animal);
  });
  await expect(work).rejects.toMatchObject({ cause: { name: "DataError" } });
  expect(await db.getAll("notes")).toEqual([]);
});

it.each([1, 2, 3])(
  "no room for the %i. of three rows: none is kept, and the phone is said to be full",
  async (nth) => {
    const db = await filled();
    noRoomFor(nth);
    const work = db.atomically(async (tx) => {
      for (const id of ["a", "b", "c"]) await tx.put("animals", { id });
    });
    const error = await work.catch((problem: unknown) => problem);
    expect(isFull(error)).toBe(true);
    expect(ids(await db.getAll("animals"))).toEqual(["dog"]);
  },
);

it("an end is on the disk: what writes says so to the browser, alone or with others", async () => {
  const db = await filled();
  const made = vi.spyOn(IDBDatabase.prototype, "transaction");
  await db.put("notes", "kept", "a");
  await db.delete("notes", "a");
  await db.atomically((tx) => tx.put("notes", "kept", "b"));
  const written = made.mock.calls.filter(([, mode]) => mode === "readwrite");
  expect(written.map(([, , how]) => how)).toEqual(Array(3).fill({ durability: "strict" }));
});

it("a transaction knows which records it touched, and none that another did", async () => {
  const db = await filled();
  const touched = (...records: string[]) =>
    db.atomically(async (tx) => {
      for (const record of records) await tx.put("animals", { id: record, record });
      await tx.put("animals", { id: "of none" });
      return [...tx.touched];
    });
  expect(await touched("a", "b", "a")).toEqual(["a", "b"]);
  expect(await touched("c")).toEqual(["c"]);
});

it("who reads is held up by no one who writes into another store: a transaction is over what it needs", async () => {
  const db = await filled();
  const order: string[] = [];
  const large = db
    .atomically(
      async (tx) => {
        for (let part = 0; part < 50; part += 1) await tx.put("animals", { id: `${part}` });
      },
      ["animals"],
    )
    .then(() => order.push("written"));
  await Promise.all([large, db.getAll("notes").then(() => order.push("read"))]);
  expect(order).toEqual(["read", "written"]);
  const made = vi.spyOn(IDBDatabase.prototype, "transaction");
  await Promise.all([db.get("notes", "a"), db.count("animals", "legs", 4)]);
  await db.put("notes", "kept", "a");
  await db.delete("notes", "a");
  expect(made.mock.calls.map(([stores]) => stores)).toEqual([["notes", "animals"], ["notes"], ["notes"]]);
});

it("what is asked in one go is answered in one transaction, of one moment; what is asked later is not", async () => {
  const db = await filled();
  const made = vi.spyOn(IDBDatabase.prototype, "transaction");
  const asked = Promise.all([db.count("animals", "legs", 4), db.getAll("notes"), db.get("animals", "none")]);
  const written = db.put("animals", { id: "later", legs: 4 });
  const [four, notes, none] = await asked;
  expect(made.mock.calls.map(([, mode]) => mode ?? "readonly").sort()).toEqual(["readonly", "readwrite"]);
  await written;
  expect(await db.count("animals", "legs", 4)).toBe(four + 1);
  expect([notes.length, none]).toEqual([(await db.getAll("notes")).length, undefined]);
  expect(made).toHaveBeenCalledTimes(4);
});
