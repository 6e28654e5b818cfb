// What an answer does to the database: its head at once, each block with its cursors or not at all (SPEC ).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import type { ListedWrite } from "../core/write";
import { thumbsOf } from "../db/device";
import { CATALOG, contents, noRoomFor, ownWrite, phone } from "../db/phone.testing";
import { type Cursor, type Db, meta } from "../db/schema";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { cursorsOf, takeBlock, takeHead } from "./apply";
import type { Block, Change, CursorTold, Head } from "./protocol";

const DAY_MS = 86_400_000;
const CURSOR: Cursor = { unit: "u", campaign: "c", position: 4, tag: "t4", floor: 4 };
const HEAD: Head = { results: [], photos: [], catalog: "held", server_time: 40 * DAY_MS, minimum_app: 1 };
let page: Page;

beforeEach(() => {
  page = newPage();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function told(position: number, more: Partial<CursorTold> = {}): CursorTold {
  const tag = `t${position}`;
  return { ...CURSOR, position, tag, floor: position, reset: false, sealed: null, closed: null, ...more };
}

function change(record: string, set: ListedWrite["set"], more: Partial<Change> = {}): Change {
  const write = { id: `of ${record}`, at: 1, by: "Người khác", set };
  const head = { record, kind: "banner", unit: "u", campaign: "c", number: `BR-${record}`, decision: null };
  return { ...head, whole: true, writes: [write], ...more };
}

/** Takes a block as one that follows on what is held. */
async function take(db: Db, block: Partial<Block>, head: Partial<Head> = {}): Promise<Cursor[] | null> {
  const whole = { changes: [], cursors: [told(6)], ...block };
  return takeBlock(db, whole, await cursorsOf(db), { ...HEAD, ...head }, []);
}

function holding(more: object = {}): Promise<Db> {
  const base = { note: [{ id: "old", at: 1, by: "", value: "cũ" }] };
  return phone({
    cursors: [{ ...CURSOR, sealed: 2, closed: 3 }],
    records: [{ record: "r", number: "BR-1", base, written: 3, received: 30 }],
    meta: { catalog: CATALOG },
    ...more,
  });
}

async function records(db: Db): Promise<string[]> {
  return (await db.getAll("records")).map(({ record }) => record);
}

it("a block brings records with their numbers and decisions, and its cursors", async () => {
  const db = await holding();
  const decision = {
    id: "d",
    verdict: "counted",
    reason: "",
    fields: [],
    by: "",
    at: 1,
    amended: false,
  } as const;
  const changes = [
    change("new", { note: "x", submitted: true, quantity: 3 }, { decision, written: 6, received: 60 }),
  ];
  const [cursor] = (await take(db, { changes, cursors: [told(6, { sealed: 5 })] })) ?? [];
  expect(cursor).toEqual({ ...CURSOR, position: 6, tag: "t6", floor: 6 });
  const row = await db.get("records", "new");
  expect(row).toMatchObject({
    number: "BR-new",
    last: 6,
    came: 60,
    view: { state: "counted", delivery: undefined },
  });
  expect(await meta(db, "totals")).toMatchObject({ "u c": { "=counted": 1, "counted banners": 3 } });
  expect(await db.getAll("cursors")).toMatchObject([{ position: 6, sealed: 5, closed: null }]);
});

it("X-11: whatever of a block finds no room, none of it is there and the cursor has not moved", async () => {
  const changes = [change("a", { note: "x" }), change("b", { note: "y" }), change("r", { note: "z" })];
  let [nth, met] = [0, true];
  while (met) {
    nth += 1;
    const db = await holding({
      writes: [ownWrite("own", { quantity: 1 }, { state: "stored", position: 5 })],
    });
    const before = await contents(db);
    const full = noRoomFor(nth);
    const took = await take(db, { changes, more: false }).then(Boolean, () => false);
    met = full.met();
    vi.restoreAllMocks();
    expect(took).toBe(!met);
    expect(met ? await contents(db) : before).toEqual(before);
    expect((await cursorsOf(db))[0]?.position).toBe(met ? 4 : 6);
  }
  expect(nth).toBeGreaterThan(10);
});

it("X-11: of a block to cursors that another tab has moved nothing is taken", async () => {
  const db = await holding();
  const known = await cursorsOf(db);
  await db.put("cursors", told(5));
  const before = await contents(db);
  const block = { changes: [change("new", { note: "x" })], cursors: [told(6)] };
  expect(await takeBlock(db, block, known, HEAD, [])).toBeNull();
  expect(await contents(db)).toEqual(before);
});

it("X-32: a change of some fields leaves the others, the number and the time of the last write as they were", async () => {
  const db = await holding();
  await take(db, { changes: [change("r", { quantity: 2 }, { whole: false, number: "" })] });
  const row = await db.get("records", "r");
  expect(row).toMatchObject({ number: "BR-1", written: 3, received: 30 });
  expect(Object.keys(row?.base ?? {})).toEqual(["note", "quantity"]);
});

it("C-3: the cursors held are exactly those of the answer, and records of other streams go", async () => {
  const other = { unit: "gone", campaign: "c" };
  const db = await holding();
  await db.put("cursors", { ...told(9), ...other });
  await take(db, { changes: [change("left", { note: "x" }, other)], cursors: [told(6), told(9, other)] });
  expect(await records(db)).toContain("left");
  await take(db, { cursors: [told(7)] });
  expect(await cursorsOf(db)).toMatchObject([{ unit: "u", position: 7 }]);
  expect(await records(db)).toEqual(["r"]);
});

it("C-4, B-20: a stream that begins anew is replaced by what comes, and own stored writes go again", async () => {
  const own = ownWrite("own", { quantity: 1 }, { state: "landed", position: 4, received: 9 });
  const base = { quantity: [{ id: "own", at: 1, by: "", value: 1 }] };
  const db = await holding({
    records: [
      { record: "r", base: { note: [{ id: "old", at: 1, by: "", value: "" }] } },
      { record: "own", base },
    ],
    writes: [own, ownWrite("other", { note: "x" }, { stream: "v c", state: "landed", position: 2 })],
  });
  await take(db, {
    changes: [change("r", { note: "mới" })],
    cursors: [told(1, { reset: true })],
    more: false,
  });
  expect((await db.get("records", "r"))?.view.fields["note"]).toMatchObject([{ value: "mới" }]);
  expect((await db.getAll("writes")).map(({ id, state }) => `${id} ${state}`)).toEqual([
    "own pending",
    "other pending",
  ]);
  expect(await db.get("records", "own")).toMatchObject({
    base: {},
    view: { fields: { quantity: [{ id: "own" }] } },
  });
  expect(await meta(db, "noted")).toMatchObject({ own: { writes: ["own"] }, r: { writes: ["old"] } });
});

it("L-12: of a purged record nothing stays: writes, photos, drafts and shots of them, words, and the pictures of others", async () => {
  const draft = { kind: "banner", unit: "u", campaign: "c", corrects: [], drawn: {}, now: {} };
  const db = await holding({
    writes: [ownWrite("edit", { note: "x" }, { record: "r" })],
    uploads: [{ sha256: "h", record: "r", field: "photos/x", state: "waiting" }],
    drafts: [
      { ...draft, id: "over", record: "r" },
      { ...draft, id: "instead", record: "instead", replaces: "r" },
      { ...draft, id: "else", record: "else" },
    ],
    // Of its open form, of one that went before, of its own form that was saved; and one of another record.
    captures: [
      { id: "a", draft: "over", over: "r" },
      { id: "b", draft: "gone", over: "r" },
      { id: "c", draft: "r" },
      { id: "d", draft: "else" },
    ],
    originals: Object.fromEntries(["a", "b", "c", "d"].map((id) => [id, new ArrayBuffer(1)])),
  });
  await (await page.caches.open(thumbsOf(db))).put("h", new Response("x"));
  await take(db, { changes: [change("r", {}, { purged: true, writes: [] })] });
  const {
    writes,
    uploads,
    records: rows,
    words,
    drafts,
    captures,
    originals,
  } = (await contents(db)) as Record<string, { keys: unknown }>;
  expect([writes, uploads, rows, words].map((store) => store?.keys)).toEqual([[], [], [], []]);
  expect(drafts?.keys).toEqual(["else"]);
  expect([captures?.keys, originals?.keys]).toEqual([["d"], ["d"]]);
  expect(await page.caches.keys()).not.toContain(thumbsOf(db));
});

it("L-12: a cache that cannot be cleared does not keep the record", async () => {
  const db = await holding();
  page.caches.delete = () => Promise.reject(new Error("broken"));
  await take(db, { changes: [change("r", {}, { purged: true, writes: [] })] });
  expect(await records(db)).toEqual([]);
});

it("V-1: an app that is too old keeps the lines it has, for it is told none", async () => {
  const db = await holding();
  await take(db, {}, { minimum_app: 99 });
  expect(await db.getAll("cursors")).toMatchObject([{ position: 6, sealed: 2, closed: 3 }]);
});

it("what a first pull brings is not of today; what comes after it is", async () => {
  const db = await holding({ cursors: [] });
  await take(db, { changes: [change("a", { note: "x" })], cursors: [told(1, { floor: 0 })] });
  await take(db, { changes: [change("b", { note: "x" })], cursors: [told(2)], more: false });
  await take(db, { changes: [change("c", { note: "x" })], cursors: [told(3)], more: false });
  const days = (await db.getAll("records")).map(({ record, day }) => [record, day]);
  expect(Object.fromEntries(days)).toEqual({ a: "", b: "", c: "1970-02-10", r: "" });
});

it("X-21: of a head stays what it says of this push and this phone, though no block follows", async () => {
  const own = ownWrite("own", { note: "x" });
  const db = await holding({ writes: [own], records: [{ record: "own", number: "BR-A1.1" }] });
  await db.put("meta", { id: "p", writes: ["own"] }, "push");
  const results = [{ id: "own", result: "stored", position: 7, number: "BR-9" }] as const;
  const asked = { app: 3, cursors: [CURSOR], push: "p" };
  const push = { id: "p", writes: ["own"] };
  const ahead = await takeHead(db, { ...HEAD, results, minimum_app: 99, replaced: true }, asked, push);
  // Stored before this was asked: nothing yet. At the next request it is.
  expect(ahead).toEqual([]);
  expect(await takeHead(db, HEAD, asked)).toEqual(["own"]);
  expect(await db.get("writes", "own", "id")).toMatchObject({
    state: "stored",
    position: 7,
    received: 40 * DAY_MS,
  });
  expect(await db.get("records", "own")).toMatchObject({ number: "BR-9", view: { delivery: "verified" } });
  expect(await meta(db, "push")).toBeUndefined();
  expect(await meta(db, "exchanged_at")).toBe(40 * DAY_MS);
  expect(await meta(db, "idle")).toBe(false);
  await takeHead(db, { ...HEAD, replaced: true, idle: true }, asked);
  expect([await meta(db, "replaced"), await meta(db, "idle")]).toEqual([true, true]);
});
