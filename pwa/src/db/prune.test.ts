// What makes room, and what is never taken for it (SPEC H-2, G5).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { CATALOG, ownWrite, phone } from "./phone.testing";
import { KEPT_MS, prune } from "./prune";
import type { Db } from "./schema";

const NOW = 1_800_000_000_000;
const UPLOAD = { record: "r", field: "photos/x", stream: "u c", role: "full", size_bytes: 1, sent_bytes: 0 };
const DRAFT = { kind: "banner", unit: "u", campaign: "c", corrects: [], drawn: NOTHING, record: "r" };
const bytes = new ArrayBuffer(1);
let page: Page;

beforeEach(() => {
  page = newPage();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function pruned(db: Db): Promise<unknown[]> {
  await prune(db, (await page.locks.query()) as LockManagerSnapshot);
  return db.getAllKeys("bytes");
}

/** With a photo in each fate, named by it. */
function photos(more: object = {}): Promise<Db> {
  const fates = [
    { sha256: "a waiting", state: "waiting" },
    { sha256: "b sent", state: "sent" },
    { sha256: "c refused", state: "refused" },
    { sha256: "d verified", state: "verified", verified_at: NOW - KEPT_MS + 1 },
    { sha256: "e long verified", state: "verified", verified_at: NOW - KEPT_MS },
    { sha256: "f long verified thumbnail", role: "thumb", state: "verified", verified_at: 1 },
  ];
  return phone({
    uploads: fates.map((fate) => ({ ...UPLOAD, ...fate })),
    bytes: Object.fromEntries([...fates.map(({ sha256 }) => [sha256, bytes]), ["g of nobody", bytes]]),
    meta: { exchanged_at: NOW },
    ...more,
  });
}

it("H-2: goes what the server verified 30 days ago by its own time, and what nothing names; thumbnails stay", async () => {
  const kept = ["a waiting", "b sent", "c refused", "d verified", "f long verified thumbnail"];
  expect(await pruned(await photos())).toEqual(kept);
});

it("H-2: so do answers and confirmed figures that the server has; what it lacks stays", async () => {
  const db = await photos();
  const fates = [
    { id: "fresh", state: "stored", received: 1, stored_at: NOW - KEPT_MS + 1 },
    { id: "long stored", state: "stored", received: 1, stored_at: NOW - KEPT_MS },
    { id: "of an app before", state: "stored", received: NOW - KEPT_MS },
    { id: "put back", state: "pending", received: 1, stored_at: 1 },
    { id: "refused", state: "refused", code: "no_decision" },
  ] as const;
  const wire = { id: "", reply: { record: "r", decision: "d", text: "x", at: 1 } };
  for (const fate of fates) await db.put("entries", { made: 1, wire, ...fate } as never);
  await prune(db, (await page.locks.query()) as LockManagerSnapshot);
  expect(await db.getAllKeys("entries")).toEqual(["fresh", "put back", "refused"]);
});

it("G5: a phone's clock that is years ahead takes nothing more away", async () => {
  vi.useFakeTimers({ now: NOW + 9e10, toFake: ["Date"] });
  expect(await pruned(await photos())).toContain("d verified");
});

it("H-2: a phone that never reached the server keeps all that was ever sent", async () => {
  expect(await pruned(await photos({ meta: {} }))).toContain("e long verified");
});

it("a photo of two records stays while one of them needs it", async () => {
  const both = [
    { ...UPLOAD, sha256: "h", state: "verified", verified_at: 1 },
    { ...UPLOAD, sha256: "h", record: "other", state: "waiting" },
  ];
  expect(
    await pruned(await phone({ uploads: both, bytes: { h: bytes }, meta: { exchanged_at: NOW } })),
  ).toEqual(["h"]);
});

it("what a draft or the catalogue names stays: the photo of a form, the file of a campaign", async () => {
  const now = { "photos/x": { sha256: "photo", thumb_sha256: "thumb" } };
  const files = [{ id: "f", use: "script", title: "", type: "", size_bytes: 1, sha256: "file" }];
  const campaigns = CATALOG.campaigns.map((one) => ({ ...one, files }));
  const db = await phone({
    drafts: [{ ...DRAFT, id: "d", now }],
    bytes: { photo: bytes, thumb: bytes, file: bytes, none: bytes },
    meta: { catalog: { ...CATALOG, campaigns } },
  });
  expect(await pruned(db)).toEqual(["file", "photo", "thumb"]);
});

it.each([
  ["a form is open in another window: it may get one back that no draft names", "loa-form x"],
  ["photos are taken in: their bytes are there before the draft that names them", "loa-together"],
])("no photo goes while %s", async (_why, lock) => {
  const db = await photos();
  const kept = await db.getAllKeys("bytes");
  let close: () => void = () => undefined;
  const form = new Promise<void>((resolve) => {
    close = resolve;
  });
  const open = page.locks.request(lock, () => form);
  expect(await pruned(db)).toEqual(kept);
  close();
  await open;
  expect(await pruned(db)).not.toEqual(kept);
});

it("writes stay for ever; of forms that were opened and not touched only the open one and the one in the address", async () => {
  page.location.hash = "#/form/addressed";
  const blank = (id: string) => ({ ...DRAFT, id, now: {}, untouched: true });
  const db = await phone({
    writes: [ownWrite("old", {}, { state: "landed", position: 1, received: 1 })],
    drafts: [blank("left"), blank("open"), blank("addressed"), { ...blank("begun"), untouched: false }],
    meta: { form: "open", exchanged_at: NOW },
  });
  await pruned(db);
  await pruned(db);
  expect((await db.getAll("drafts")).map(({ id }) => id)).toEqual(["addressed", "begun", "open"]);
  expect(await db.getAll("writes")).toHaveLength(1);
});

it.each(["#/new/banner", "#/form/d"])(
  "started behind the first screen, it takes nothing from a form begun meanwhile: %s",
  async (hash) => {
    const db = await photos({ drafts: [{ ...DRAFT, id: "d", now: {}, untouched: true }] });
    const kept = await db.getAllKeys("bytes");
    page.location.hash = hash;
    expect(await pruned(db)).toEqual(kept);
    expect(await db.getAll("drafts")).toHaveLength(1);
    expect(await prune(db, { held: [] })).toBe(false);
    page.location.hash = "#/";
    expect(await prune(db, { held: [] })).toBe(true);
  },
);

it("P-21: a form that another window has open, and one that a shot belongs to, stay though nothing was entered", async () => {
  const drafts = ["open", "shot", "left"].map((id) => ({ ...DRAFT, id, untouched: true }));
  const db = await phone({ drafts, captures: [{ id: "s", draft: "shot" }] });
  void page.locks.request("loa-form open", () => new Promise(() => undefined));
  await pruned(db);
  await pruned(db);
  expect((await db.getAll("drafts")).map(({ id }) => id)).toEqual(["open", "shot"]);
});

it("P-21: a form that another window opens just now stays: the locks were looked at before it had one", async () => {
  const db = await phone({ drafts: [] });
  const locks = (await page.locks.query()) as LockManagerSnapshot;
  await db.put("drafts", { ...DRAFT, id: "opening", now: {}, untouched: true });
  void page.locks.request("loa-form opening", () => new Promise(() => undefined));
  await prune(db, locks);
  await pruned(db);
  expect(await db.getAllKeys("drafts")).toEqual(["opening"]);
});
