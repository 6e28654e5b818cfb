// An officer's database as phones in the field have it.
import "fake-indexeddb/auto";
import { openDB } from "idb";
import { afterEach, expect, test as it, vi } from "vitest";
import { newPage } from "../platform/stand-ins.testing";
import { ownWrite } from "./phone.testing";
import { openDevice } from "./schema";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** As the first builds made it: without words, and without the lists that grew since. */
function old(name: string) {
  return openDB(name, 1, {
    upgrade: (made) => {
      const writes = made.createObjectStore("writes", { keyPath: "seq", autoIncrement: true });
      for (const index of ["id", "record", "state"]) writes.createIndex(index, index);
      made.createObjectStore("records", { keyPath: "record" });
      made.createObjectStore("drafts", { keyPath: "id" });
      made.createObjectStore("meta");
    },
  });
}

it("an outbox of the first builds is found by this one, in its order, and goes on behind it", async () => {
  const before = await old("first");
  for (const id of ["one", "two"]) await before.put("writes", ownWrite(id, { note: id }));
  await before.put("records", { record: "one", unit: "u", campaign: "c", due: ["c", "ask", "2026-01-01"] });
  before.close();
  const db = await openDevice("first");
  await db.put("writes", ownWrite("three", {}));
  const found = await db.getAll("writes", "state", "pending");
  expect(found.map(({ id, seq }) => [id, seq])).toEqual([
    ["one", 1],
    ["two", 2],
    ["three", 3],
  ]);
  expect(await db.count("records", "stream", ["u", "c"])).toBe(1);
  expect(await db.count("records", "due", ["c", "ask", "2026-01-01"])).toBe(1);
  expect(await db.getAll("words")).toEqual([]);
});

it("one that was held by an older page is tried again by whoever asks next; one that is open is opened once", async () => {
  newPage();
  const other = await old("held");
  await expect(openDevice("held")).rejects.toMatchObject({ name: "AbortError" });
  other.close();
  const db = await openDevice("held");
  expect(await openDevice("held")).toBe(db);
});
