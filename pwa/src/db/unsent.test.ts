// What was not safe at the server can be named after a browser took the database away.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { newPage } from "../platform/stand-ins.testing";
import { ownWrite, phone } from "./phone.testing";
import { forgetLost, KEPT, lostKeys, lostNumbers, noteUnsent } from "./unsent";

beforeEach(() => {
  newPage();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function holding() {
  const stored = { state: "stored", position: 1 } as const;
  return phone({
    records: ["one", "two", "three", "four"].map((record, nth) => ({ record, number: `BR-${nth + 1}` })),
    writes: [
      ownWrite("one", { note: "" }),
      ownWrite("two", { note: "" }, { state: "refused" }),
      ownWrite("three", { "photos/x": { sha256: "h" } }, stored),
      ownWrite("four", { note: "" }, stored),
    ],
    uploads: [{ sha256: "h", record: "three", field: "photos/x", state: "sent" }],
  });
}

function gone(name: string): Promise<unknown> {
  return new Promise((resolve) => {
    indexedDB.deleteDatabase(name).onsuccess = resolve;
  });
}

it("the numbers of what is refused, unsent or without its photo are said once the database is gone", async () => {
  const db = await holding();
  await noteUnsent(db);
  expect(await lostKeys(db)).toEqual([]);
  db.close();
  await gone(db.name);
  const keys = await lostKeys();
  expect(keys).toEqual([KEPT + db.name]);
  expect(lostNumbers(keys)).toBe("BR-2, BR-1, BR-3");
  forgetLost(keys);
  expect(await lostKeys()).toEqual([]);
});

it("one that was made anew under the same name is known by what it lacks", async () => {
  const db = await holding();
  await noteUnsent(db);
  await db.delete("meta", "ledger");
  expect(await lostKeys(db)).toEqual([KEPT + db.name]);
  expect(await lostKeys()).toEqual([]);
});

it("while one is noted for the first time, nothing is taken for lost", async () => {
  const db = await holding();
  let noted = false;
  const noting = noteUnsent(db).then(() => {
    noted = true;
  });
  const seen: string[] = [];
  while (!noted) seen.push(...(await lostKeys(db)));
  await noting;
  expect(seen).toEqual([]);
  expect(localStorage.getItem(KEPT + db.name)).toBe("BR-2, BR-1, BR-3");
});

it("a browser that does not say which databases there are is not believed to have lost any", async () => {
  const db = await holding();
  await noteUnsent(db);
  const all = indexedDB;
  vi.stubGlobal("indexedDB", { open: all.open.bind(all) });
  expect(await lostKeys(db)).toEqual([]);
});

it("where all is safe nothing is named", async () => {
  const db = await phone();
  await noteUnsent(db);
  expect(lostNumbers([KEPT + db.name])).toBe("");
});

it("a slow note of an older moment does not stand over a newer one", async () => {
  const db = await holding();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = Object.create(db, {
    name: { value: db.name },
    getAll: {
      value: async (...asked: Parameters<typeof db.getAll>) => {
        const found = await db.getAll(...asked);
        await held;
        return found;
      },
    },
    get: { value: db.get.bind(db) },
    put: { value: db.put.bind(db) },
  }) as typeof db;
  const older = noteUnsent(slow);
  await new Promise((resolve) => setTimeout(resolve, 20)); // its rows are read
  for (const row of await db.getAll("records"))
    await db.put("records", { ...row, view: { ...row.view, delivery: "verified" } });
  const newer = noteUnsent(db);
  setTimeout(release, 20);
  await Promise.all([older, newer]);
  expect(localStorage.getItem(KEPT + db.name)).toBe("");
});
