// A phone without room lets go what the server has, and nothing else (SPEC P-25, H-2).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { isFull } from "./open";
import { noRoom, noRoomWhile, phone, refuse } from "./phone.testing";
import { type Db, thumbsOf } from "./schema";

let page: Page;
beforeEach(() => {
  page = newPage();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const MB = 1e6;
const photo = (sha256: string, more: object = {}) => ({
  ...{ sha256, record: `of ${sha256}`, field: "photos/x", role: "full", state: "verified", size_bytes: MB },
  ...{ verified_at: 1, ...more },
});

/** Originals and thumbnails that the server verified, one that it has not, and one that a form shows. */
async function full(): Promise<Db> {
  const uploads = [
    photo("new", { verified_at: 30 }),
    photo("old", { verified_at: 10 }),
    photo("older", { verified_at: 5 }),
    photo("thumb", { role: "thumb", size_bytes: 15_000 }),
    photo("waits", { state: "waiting" }),
    photo("sent", { state: "sent" }),
    photo("shared"),
    photo("shared", { record: "other", state: "waiting" }),
    photo("shown"),
  ];
  const hashes = [...new Set(uploads.map(({ sha256 }) => sha256)), "of a form"];
  const db = await phone({
    uploads,
    bytes: Object.fromEntries(hashes.map((hash) => [hash, new ArrayBuffer(1)])),
    drafts: [
      { id: "d", record: "d", now: { "photos/x": { sha256: "of a form" }, "photos/y": { sha256: "shown" } } },
    ],
  });
  await (await page.caches.open(thumbsOf(db))).put("h", new Response("x"));
  return db;
}

/** There is room once so much is left. */
function roomAt(most: number, db: Db): () => Promise<string[]> {
  let held = 9;
  const { delete: gone } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(function (this: IDBObjectStore, key) {
    if (this.name === "bytes") held -= 1;
    return gone.call(this, key);
  });
  noRoomWhile(() => held > most);
  return async () => (await db.getAllKeys("bytes")).map(String);
}

const KEPT = ["of a form", "sent", "shared", "shown", "waits"];

it.each([
  [8, [...KEPT, "new", "old", "thumb"]],
  [7, [...KEPT, "new", "thumb"]],
  [6, [...KEPT, "thumb"]],
])(
  "P-25: the oldest verified originals go, as many as it takes until %i are left, and then it is kept",
  async (most, left) => {
    const db = await full();
    const bytes = roomAt(most, db);
    await db.put("meta", true, "wifi_only");
    expect(await bytes()).toEqual(left.sort());
    expect(await db.get("meta", "wifi_only")).toBe(true);
    expect(await page.caches.keys()).toContain(thumbsOf(db));
  },
);

it("P-25: then thumbnails, which come again; what is on this phone alone stays, and that it is full is said", async () => {
  const db = await full();
  noRoom();
  const error = await db.put("meta", true, "wifi_only").catch((problem: unknown) => problem);
  expect(isFull(error)).toBe(true);
  expect((await db.getAllKeys("bytes")).map(String)).toEqual(KEPT);
  expect(await page.caches.keys()).not.toContain(thumbsOf(db));
  expect((await db.getAll("uploads")).length).toBe(9);
});

it("P-25: where deleting finds no room either, it ends, and that it is full is said", async () => {
  const db = await full();
  noRoom();
  const { delete: gone } = IDBObjectStore.prototype;
  const deletes = vi.spyOn(IDBObjectStore.prototype, "delete");
  deletes.mockImplementation(function (this: IDBObjectStore, key) {
    // Enough to tell: left alone it would go on for good.
    return deletes.mock.calls.length > 100 ? gone.call(this, key) : refuse(this);
  });
  const error = await db.put("meta", true, "wifi_only").catch((problem: unknown) => problem);
  expect(isFull(error)).toBe(true);
  expect(deletes.mock.calls.length).toBeLessThan(10);
});

it("P-25: a browser that lets go again and again and has no more room is asked so often and no more", async () => {
  const db = await phone();
  noRoom();
  const lets = vi.spyOn(page.caches, "delete").mockResolvedValue(true);
  const error = await db.put("meta", true, "wifi_only").catch((problem: unknown) => problem);
  expect(isFull(error)).toBe(true);
  expect(lets.mock.calls.length).toBeLessThanOrEqual(50);
});
