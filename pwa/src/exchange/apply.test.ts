// What an answer does to the database: its head at once, each block with its cursors or not at all (SPEC ).

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test as it, vi } from "vitest";
import type { AnsweredCursor, Block, Change, Cursor, CursorRow, Head, Push } from "../core/protocol";
import type { Fields, ListedWrite } from "../core/record";
import { CATALOG, contents, noRoomFor, ownWrite, phone } from "../db/phone.testing";
import { lookedAt, newNotices, notices } from "../db/queries";
import { amend } from "../db/records";
import { type Db, meta, type RecordRow, thumbsOf, type WriteRow } from "../db/schema";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { apply, cursorsOf } from "./apply";
import { takeBlock, takeHead } from "./driver";
import type { Tables } from "./tables";

describe("blocks and their cursors", () => {
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

  function cursorAt(position: number, more: Partial<AnsweredCursor> = {}): AnsweredCursor {
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
    const whole = { changes: [], cursors: [cursorAt(6)], ...block };
    return takeBlock(db, {
      block: whole,
      cursors: cursorsOf(await db.getAll("cursors")),
      head: { ...HEAD, ...head },
    });
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

  const judged = (id: string, at: number) =>
    ({ id, verdict: "counted", reason: "", fields: [], by: "", at, amended: false }) as const;

  it("X-13: decisions stand in the order in which they came, new until they were looked at; of a first pull none is new", async () => {
    const db = await phone({ meta: { catalog: CATALOG } });
    const first = [
      change("a", {}, { decision: judged("da", 20) }),
      change("b", {}, { decision: judged("db", 30) }),
    ].map((one) => ({ ...one, writes: [{ ...one.writes[0], set: { note: "x" } }] as ListedWrite[] }));
    await take(db, { changes: first });
    const names = async (rows: Promise<RecordRow[]>) => (await rows).map(({ record }) => record);
    expect(await names(notices(db, "c", 9))).toEqual(["b", "a"]);
    expect(await names(newNotices(db, "c"))).toEqual([]);
    await take(db, {
      changes: [
        change("c", { note: "x" }, { decision: judged("dc", 10) }),
        change("a", { note: "y" }, { decision: judged("da2", 15) }),
        change("b", { note: "y" }, { decision: judged("db", 30) }),
      ],
      cursors: [cursorAt(8)],
    });
    expect(await names(notices(db, "c", 9))).toEqual(["a", "c", "b"]);
    expect(await names(newNotices(db, "c"))).toEqual(["a", "c"]);
    await lookedAt(db, "c");
    expect(await names(newNotices(db, "c"))).toEqual([]);
    await take(db, {
      changes: [
        change("c", { note: "z" }, { decision: null }),
        change("b", { note: "z" }, { decision: judged("db2", 1) }),
      ],
      cursors: [cursorAt(9)],
    });
    expect(await names(newNotices(db, "c"))).toEqual(["b"]);
    expect(await names(notices(db, "c", 9))).toEqual(["b", "a"]);
  });

  it("D-15: what is said above is feedback, new until it was looked at; what the unit said itself is none", async () => {
    const db = await phone({ meta: { catalog: CATALOG } });
    const say = (id: string, at: number, above: boolean) => ({ id, at, by: "", text: id, above });
    const first = change("a", { note: "x" }, { messages: [say("old", 20, true)] });
    await take(db, { changes: [first] });
    const names = async (rows: Promise<RecordRow[]>) => (await rows).map(({ record }) => record);
    expect([await names(notices(db, "c", 9)), await names(newNotices(db, "c"))]).toEqual([["a"], []]);
    const own = [say("old", 20, true), say("own", 30, false)];
    const block = (position: number, messages: typeof own, decision = {}) => ({
      changes: [change("a", { note: "x" }, { messages, ...decision })],
      cursors: [cursorAt(position)],
    });
    await take(db, block(8, own));
    expect(await names(newNotices(db, "c"))).toEqual([]);
    await take(db, block(9, [...own, say("answer", 25, true)]));
    expect(await names(newNotices(db, "c"))).toEqual(["a"]);
    expect((await db.get("records", "a"))?.told?.[2]).toBe("answer");
    await lookedAt(db, "c");
    await take(db, block(10, [...own, say("answer", 25, true)], { decision: judged("da", 40) }));
    expect((await db.get("records", "a"))?.told?.[2]).toBe("da");
    await lookedAt(db, "c");
    // A restored server that lacks them says so by leaving them out.
    await take(db, {
      changes: [change("a", { note: "x" }, { decision: judged("da", 40) })],
      cursors: [cursorAt(11)],
    });
    expect((await db.get("records", "a"))?.messages).toBeUndefined();
    expect(await names(newNotices(db, "c"))).toEqual([]);
  });

  it("X-13: a stream that comes anew makes no decision new again, and a decision that a restore lost is in no list", async () => {
    const write = {
      seq: 1,
      id: "mine",
      record: "a",
      stream: "u c",
      state: "landed",
      wire: {
        id: "mine",
        record: "a",
        at: 1,
        seen: [],
        set: { note: "x" },
        unit: "u",
        campaign: "c",
        kind: "banner",
      },
    };
    const db = await phone({ cursors: [CURSOR], meta: { catalog: CATALOG }, writes: [write] });
    const decided = ["a", "b"].map((record) =>
      change(record, { note: "y" }, { decision: judged(`d${record}`, 20) }),
    );
    await take(db, { changes: decided });
    await lookedAt(db, "c");
    const before = (await db.get("records", "b"))?.told;
    expect(before?.[2]).toBe("db");
    await take(db, {
      changes: [change("b", { note: "y" }, { decision: judged("db", 20) })],
      cursors: [cursorAt(3, { reset: true })],
    });
    expect(await records(db)).toEqual(["a", "b"]);
    expect(await db.getAll("records")).toMatchObject([{ told: null }, { told: before }]);
    expect(await newNotices(db, "c")).toEqual([]);
  });

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
    const [cursor] = (await take(db, { changes, cursors: [cursorAt(6, { sealed: 5 })] })) ?? [];
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
      expect(cursorsOf(await db.getAll("cursors"))[0]?.position).toBe(met ? 4 : 6);
    }
    expect(nth).toBeGreaterThan(10);
  });

  it("X-11: of a block to cursors that another tab has moved nothing is taken", async () => {
    const db = await holding();
    const known = cursorsOf(await db.getAll("cursors"));
    await db.put("cursors", cursorAt(5));
    const before = await contents(db);
    const block = { changes: [change("new", { note: "x" })], cursors: [cursorAt(6)] };
    expect(await takeBlock(db, { block, cursors: known, head: HEAD })).toBeNull();
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
    await db.put("cursors", { ...cursorAt(9), ...other });
    await take(db, {
      changes: [change("left", { note: "x" }, other)],
      cursors: [cursorAt(6), cursorAt(9, other)],
    });
    expect(await records(db)).toContain("left");
    await take(db, { cursors: [cursorAt(7)] });
    expect(cursorsOf(await db.getAll("cursors"))).toMatchObject([{ unit: "u", position: 7 }]);
    expect(await records(db)).toEqual(["r"]);
  });

  it("C-4, B-20: a stream that begins anew is replaced by what comes, and own stored writes of it go again", async () => {
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
      cursors: [cursorAt(1, { reset: true })],
      more: false,
    });
    expect((await db.get("records", "r"))?.view.fields["note"]).toMatchObject([{ value: "mới" }]);
    expect((await db.getAll("writes")).map(({ id, state }) => `${id} ${state}`)).toEqual([
      "own pending",
      "other landed",
    ]);
    expect(await db.get("records", "own")).toMatchObject({
      base: {},
      view: { fields: { quantity: [{ id: "own" }] } },
    });
    expect(await meta(db, "noted")).toMatchObject({ own: { writes: ["own"] }, r: { writes: ["old"] } });
  });

  it("L-12: of a purged record nothing stays: writes, photos, drafts and shots of them, words, and the pictures of others", async () => {
    const draft = { kind: "banner", unit: "u", campaign: "c", corrects: [], drawn: {}, now: {} };
    const about = (record: string) => {
      return {
        id: record,
        state: "refused",
        made: 1,
        wire: { id: record, message: { record, text: "x", at: 1 } },
      };
    };
    const db = await holding({
      writes: [ownWrite("edit", { note: "x" }, { record: "r" })],
      // words about one that this one was made in the place of, too.
      entries: [about("r"), about("was"), about("else")],
      uploads: [{ sha256: "h", record: "r", field: "photos/x", state: "waiting" }],
      drafts: [
        { ...draft, id: "over", record: "r" },
        { ...draft, id: "instead", record: "instead", replaces: "r" },
        // F-42: over one that this one was made in the place of.
        { ...draft, id: "before", record: "was" },
        { ...draft, id: "else", record: "else" },
      ],
      // Of its open form, of one that went before, of its own form that was saved; and one of another record.
      captures: [
        { id: "a", draft: "over", over: "r" },
        { id: "b", draft: "gone", over: "r" },
        { id: "c", draft: "r" },
        { id: "d", draft: "else" },
        { id: "e", draft: "gone", over: "was" },
      ],
      originals: Object.fromEntries(["a", "b", "c", "d", "e"].map((id) => [id, new ArrayBuffer(1)])),
    });
    await db.put("meta", { was: "r", r: "" }, "let_go");
    await (await page.caches.open(thumbsOf(db))).put("h", new Response("x"));
    const history = { lines: [], more: false, told_at: 1 };
    for (const record of ["r", "other"]) await db.put("histories", { record, ...history });
    await take(db, { changes: [change("r", {}, { purged: true, writes: [] })] });
    expect(await db.getAllKeys("histories")).toEqual(["other"]);
    const {
      writes,
      entries,
      uploads,
      records: rows,
      words,
      drafts,
      captures,
      originals,
    } = (await contents(db)) as Record<string, { keys: unknown }>;
    expect([writes, uploads, rows, words].map((store) => store?.keys)).toEqual([[], [], [], []]);
    expect([entries?.keys, drafts?.keys]).toEqual([["else"], ["else"]]);
    expect([captures?.keys, originals?.keys]).toEqual([["d"], ["d"]]);
    expect(await meta(db, "let_go")).toEqual({ was: "r" });
    expect(await page.caches.keys()).not.toContain(thumbsOf(db));
  });

  it("L-12: a cache that cannot be cleared does not keep the record", async () => {
    const db = await holding();
    page.caches.delete = () => Promise.reject(new Error("broken"));
    await take(db, { changes: [change("r", {}, { purged: true, writes: [] })] });
    expect(await records(db)).toEqual([]);
  });

  it("V-1: an app that is too old keeps the lines it has, for it is sent none", async () => {
    const db = await holding();
    await take(db, {}, { minimum_app: 99 });
    expect(await db.getAll("cursors")).toMatchObject([{ position: 6, sealed: 2, closed: 3 }]);
  });

  it("what a first pull brings is not of today; what comes after it is", async () => {
    const db = await holding({ cursors: [] });
    await take(db, { changes: [change("a", { note: "x" })], cursors: [cursorAt(1, { floor: 0 })] });
    await take(db, { changes: [change("b", { note: "x" })], cursors: [cursorAt(2)], more: false });
    await take(db, { changes: [change("c", { note: "x" })], cursors: [cursorAt(3)], more: false });
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
    const head = { ...HEAD, results, minimum_app: 99, replaced: true };
    expect(await takeHead(db, { head, asked, push })).toBe(true);
    expect(await db.get("writes", "own", "id")).toMatchObject({
      state: "stored",
      position: 7,
      received: 40 * DAY_MS,
    });
    expect(await db.get("records", "own")).toMatchObject({ number: "BR-9", view: { delivery: "verified" } });
    expect(await meta(db, "push")).toBeUndefined();
    expect(await meta(db, "exchanged_at")).toBe(40 * DAY_MS);
    expect(await meta(db, "idle")).toBe(false);
    await takeHead(db, { head: { ...HEAD, replaced: true, idle: true }, asked, push: undefined });
    expect([await meta(db, "replaced"), await meta(db, "idle")]).toEqual([true, true]);
  });
});

describe("what the head says of each write and photo (X-2, X-16, X-29, P-8, L-29)", () => {
  const NOW = 5_000;

  async function judged(db: Db, head: Partial<Head>, push?: Push): Promise<WriteRow[]> {
    const whole = { results: [], photos: [], catalog: "", server_time: NOW, minimum_app: 1, ...head };
    await takeHead(db, { head: whole, asked: { app: 3, cursors: [] }, push });
    return db.getAll("writes");
  }

  it("X-2: each write has a fate of its own; one that is later keeps its reason, and its place in the outbox", async () => {
    const db = await phone({ writes: ["a", "b", "c", "d"].map((id) => ownWrite(id, { note: id })) });
    const results = [
      { id: "a", result: "stored", position: 3, number: "BR-1" },
      { id: "b", result: "refused", code: "too_long", field: "note" },
      { id: "c", result: "later", code: "internal" },
    ] as const;
    expect(await judged(db, { results })).toMatchObject([
      { id: "a", state: "stored", position: 3, received: NOW },
      { id: "b", state: "refused", code: "too_long", field: "note" },
      { id: "c", state: "pending", code: "internal" },
      { id: "d", state: "pending" },
    ]);
  });

  it("X-16: the results of a lost push are its writes' by their places, runs read once, and it is lost no more", async () => {
    const db = await phone({
      writes: ["a", "b", "c"].map((id) => ownWrite(id, { note: id })),
      records: ["a", "b", "c"].map((record) => ({ record })),
      meta: { push: { id: "p", writes: ["b", "a", "c"] } },
    });
    const runs = [
      { count: 2, result: "stored", position: 8, number: "BR-17", step: 2 },
      { count: 1, result: "refused", code: "archived" },
    ] as const;
    await judged(
      db,
      { asked: { push: "p", known: true, runs, received: 4_000 } },
      { id: "p", writes: ["b", "a", "c"] },
    );
    expect(await db.getAll("writes")).toMatchObject([
      { id: "a", position: 9, received: 4_000 },
      { id: "b", position: 8, received: 4_000 },
      { id: "c", state: "refused", code: "archived" },
    ]);
    expect((await db.getAll("records")).map(({ number }) => number)).toEqual(["BR-19", "BR-17", ""]);
    expect(await meta(db, "push")).toBeUndefined();
  });

  it("X-16: an answer to another push says nothing of the one that is lost", async () => {
    const db = await phone({ writes: [ownWrite("a", {})], meta: { push: { id: "p", writes: ["a"] } } });
    const runs = [{ count: 1, result: "stored", position: 8, number: "BR-1" }] as const;
    const rows = await judged(
      db,
      { asked: { push: "other", known: true, runs } },
      { id: "other", writes: ["b"] },
    );
    expect(rows).toMatchObject([{ state: "pending" }]);
    expect(await meta(db, "push")).toMatchObject({ id: "p" });
  });

  it("what is stored, or was discarded meanwhile, is not judged again by an older answer", async () => {
    const stored = { state: "landed", position: 3 } as const;
    const db = await phone({ writes: [ownWrite("a", {}, stored)] });
    const results = [
      { id: "a", result: "refused", code: "archived" },
      { id: "gone", result: "stored", position: 9, number: "BR-9" },
    ] as const;
    expect(await judged(db, { results })).toMatchObject([{ id: "a", ...stored }]);
  });

  it("L-29: the moment of first receipt is what the server says of it, of a push that was put back the earlier one", async () => {
    const db = await phone({
      writes: [ownWrite("a", {}), ownWrite("b", {}, { received: 1_000 })],
      meta: { push: { id: "p", writes: ["b"] } },
    });
    const results = [{ id: "a", result: "stored", position: 3, number: "", received: 2_000 }] as const;
    const runs = [{ count: 1, result: "stored", position: 4, number: "" }] as const;
    await judged(
      db,
      { results, asked: { push: "p", known: true, runs, received: 3_000 } },
      { id: "p", writes: ["b"] },
    );
    expect((await db.getAll("writes")).map(({ received }) => received)).toEqual([2_000, 1_000]);
  });

  it("P-8, P-6: a sent photo is verified, wanted again from its first byte, or refused; one that waits elsewhere is not meant", async () => {
    const photo = { field: "photos/x", role: "full", state: "sent", sent_bytes: 4 };
    const db = await phone({
      writes: [ownWrite("r", { "photos/x": { sha256: "h" } }, { state: "landed", position: 1 })],
      uploads: [
        ...["verified", "wanted", "refused"].map((sha256) => ({ ...photo, sha256, record: "r" })),
        { ...photo, sha256: "verified", record: "other", state: "waiting", sent_bytes: 2 },
      ],
    });
    await judged(db, {
      photos: [
        { sha256: "verified", state: "verified" },
        { sha256: "wanted", state: "wanted" },
        { sha256: "refused", state: "refused", code: "not_an_image" },
      ],
    });
    expect(await db.getAll("uploads")).toMatchObject([
      { sha256: "refused", state: "refused", code: "not_an_image" },
      { sha256: "verified", record: "other", state: "waiting", sent_bytes: 2 },
      { sha256: "verified", record: "r", state: "verified", verified_at: NOW },
      { sha256: "wanted", state: "waiting", sent_bytes: 0 },
    ]);
  });
});

describe("own writes that were stored when changes pass their place (X-9, X-10)", () => {
  const OWN = {
    seq: 1,
    id: "own",
    record: "r",
    stream: "u c",
    state: "stored",
    position: 5,
    wire: { id: "own", at: 1, record: "r", set: { hamlet: "Tạ Hạ", quantity: 2 } },
  } as unknown as WriteRow;
  const HELD = { unit: "u", campaign: "c", position: 4, tag: "t", floor: 4, sealed: null, closed: null };

  const HEAD = { minimum_app: 1, server_time: 1 };
  const ROW = { record: "r", kind: "banner", unit: "u", campaign: "c", number: "", decision: null, order: 1 };

  function tables(
    write: WriteRow,
    base: Fields,
    cursors: readonly CursorRow[],
    more: Partial<Tables> = {},
  ): Tables {
    const none = { uploads: new Map(), drafts: new Map(), captures: new Map(), meta: new Map() };
    return {
      ...none,
      entries: new Map(),
      writes: new Map([[1, write]]),
      records: new Map([["r", { ...ROW, base } as unknown as RecordRow]]),
      cursors: new Map(cursors.map((cursor) => [`${cursor.unit} ${cursor.campaign}`, cursor])),
      ...more,
    };
  }

  it("X-11: it is a function: the rows that it is given stay as they are, the same block gives the same, and a taken one nothing", () => {
    const drawn = fc.record({
      state: fc.constantFrom("pending", "stored", "landed", "refused"),
      position: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      changed: fc.subarray(["r", "s", "own"]),
      purged: fc.boolean(),
      reset: fc.boolean(),
      floor: fc.integer({ min: 0, max: 6 }),
      ended: fc.boolean(),
      scope: fc.boolean(),
    });
    const run = (one: typeof drawn extends fc.Arbitrary<infer T> ? T : never) => {
      const { state, position, changed, purged, reset, floor, ended, scope } = one;
      const write = { ...OWN, state, position } as WriteRow;
      const rows = tables(write, { hamlet: [{ id: "other", at: 2, by: "Người khác", value: 3 }] }, [HELD]);
      for (const row of rows.records.values()) Object.assign(row, { view: {} });
      const was = structuredClone(rows);
      const changes = changed.map((record) => ({
        ...{ ...ROW, record, whole: true, purged: purged && record === "r" },
        writes: [{ id: `of ${record}`, at: 1, by: "", set: { hamlet: "x" } }],
      }));
      const cursors = scope ? [{ ...HELD, position: 6, floor, reset }] : [];
      const { sealed: _s, closed: _c, ...known } = HELD;
      const block: Block = { changes, cursors, ...(ended && { more: false }) };
      const taking = { head: HEAD, cursors: [known] };
      const first = apply(rows, block, taking);
      expect(rows).toEqual(was);
      expect(apply(rows, block, taking)).toEqual(first);
      const after = { ...rows, cursors: new Map(cursors.map((cursor) => ["u c", cursor])) };
      expect(apply(after, block, taking)).toBeNull();
      // Whatever comes, no write that waits is lost, but with a record that was purged.
      const gone = first?.deletes.some(([store]) => store === "writes") ?? false;
      expect(gone).toBe(changed.includes("r") && purged);
    };
    fc.assert(fc.property(drawn, run));
  });

  /** Its record behind changes that do not have it, and the write: the cursor was at `held` and is at `now`. */
  function passed(held: number, now: number, scope = true): [string[], string] {
    const note = [{ id: "seen", at: 1, by: "", value: "a" }];
    const wire = { ...OWN.wire, set: { note: "b" }, seen: ["seen"] };
    const before = { ...HELD, position: held, floor: held };
    const meta = new Map([["catalog", CATALOG]]) as Tables["meta"];
    const rows = tables({ ...OWN, wire }, { note }, [before], { meta });
    const cursors = scope ? [{ ...HELD, position: now, floor: now, reset: false }] : [];
    const { sealed: _s, closed: _c, ...known } = before;
    const block = { changes: [], cursors, more: false };
    const puts = apply(rows, block, { head: HEAD, cursors: [known] })?.puts ?? [];
    const base = (puts.find(([store]) => store === "records")?.[1] as RecordRow | undefined)?.base ?? {
      note,
    };
    const state =
      (puts.find(([store]) => store === "writes")?.[1] as WriteRow | undefined)?.state ?? "stored";
    return [(base["note"] ?? []).map(({ id, by }) => `${id} ${by}`), state];
  }

  it("X-9: what the server does not echo is applied by this phone, under its officer's name", () => {
    expect(passed(4, 5)).toEqual([["own Cán bộ"], "landed"]);
  });

  it("X-10: until the cursor has reached it, it stays laid over what was pulled", () => {
    expect(passed(3, 4)).toEqual([["seen "], "stored"]);
  });

  it("X-10: at or before the cursor that was held it is in what was pulled: nothing is applied again", () => {
    expect(passed(5, 6)).toEqual([["seen "], "landed"]);
  });

  it("L-26: of a stream that is sent no more nothing will come, so it has landed", () => {
    expect(passed(4, 5, false)[1]).toBe("landed");
  });
});

describe("streams that begin anew, and streams that an officer has no more (C-4, L-10, L-26, B-3)", () => {
  const CURSOR = {
    unit: "u",
    campaign: "c",
    position: 4,
    tag: "t",
    floor: 4,
    reset: false,
    sealed: null,
    closed: null,
  };
  const side = (id: string) => ({ note: [{ id, at: 1, by: "", value: id }] });
  const STORED = { state: "landed", position: 3, stream: "v c" } as const;

  /** Of a stream that is left, with a record in each fate. */
  function holding(more: object = {}): Promise<Db> {
    const mine = ["pending", "refused", "unverified", "verified"];
    const states = { pending: { state: "pending" }, refused: { state: "refused" } } as const;
    return phone({
      records: [
        { record: "stays", base: side("s") },
        ...["others", ...mine].map((record) => ({ record, unit: "v", base: side(`base of ${record}`) })),
      ],
      writes: mine.map((id) =>
        ownWrite(id, { "photos/x": { sha256: id } }, { ...STORED, ...states[id as "pending"] }),
      ),
      uploads: [
        { sha256: "unverified", record: "unverified", field: "photos/x", state: "sent" },
        { sha256: "verified", record: "verified", field: "photos/x", state: "verified" },
      ],
      meta: { catalog: CATALOG },
      ...more,
    });
  }

  /** A block without changes, behind which these are the cursors. */
  async function take(db: Db, ...cursors: AnsweredCursor[]): Promise<void> {
    const head = { minimum_app: 1, server_time: 1 };
    const known = cursorsOf(await db.getAll("cursors"));
    await takeBlock(db, { block: { changes: [], cursors }, cursors: known, head });
  }

  async function shown(db: Db): Promise<string[]> {
    return (await db.getAll("records")).map(({ record }) => record);
  }

  it("L-10: of a stream that is left go the records that are safe, and stay those with something that is not", async () => {
    const db = await holding();
    // As a first block would find them: every photo says what its record shows.
    await amend(db, async (tx) => {
      for (const id of ["unverified", "verified"]) {
        const row = await tx.get("records", id);
        const photo = { "photos/x": [{ id, at: 1, by: "", value: { sha256: id } }] };
        if (row) await tx.put("records", { ...row, base: { ...row.base, ...photo } });
      }
    });
    await take(db, CURSOR);
    expect(await shown(db)).toEqual(["pending", "refused", "stays", "unverified"]);
  });

  it("L-26: own stored writes and photos of it stay, for a server that is restored (H-2)", async () => {
    const db = await holding();
    await take(db, CURSOR);
    expect((await db.getAll("writes")).map(({ id }) => id)).toContain("verified");
    expect((await db.getAll("uploads")).map(({ sha256 }) => sha256)).toContain("verified");
  });

  it("L-10: one of which this very transaction puts a part is looked at again at the next", async () => {
    const db = await holding();
    const head = { record: "others", kind: "banner", unit: "v", campaign: "c", number: "", decision: null };
    const change = { ...head, whole: false, writes: [{ id: "w", at: 1, by: "", set: { note: "x" } }] };
    await takeBlock(db, {
      block: { changes: [change], cursors: [CURSOR] },
      cursors: [],
      head: { minimum_app: 1, server_time: 1 },
    });
    expect(await shown(db)).toContain("others");
    await take(db, CURSOR);
    expect(await shown(db)).not.toContain("others");
  });

  it("B-3: while what a restored server lacks is being named, what is dropped is noted before", async () => {
    const db = await holding({ records: [{ record: "others", unit: "v", number: "BR-5", base: side("w") }] });
    await take(db, CURSOR);
    expect(await meta(db, "noted")).toBeUndefined();
    const again = await holding({
      records: [{ record: "others", unit: "v", number: "BR-5", base: side("w") }],
      meta: { catalog: CATALOG, noted: {} },
    });
    await take(again, CURSOR);
    expect(await meta(again, "noted")).toMatchObject({
      others: { number: "BR-5", unit: "v", writes: ["w"] },
    });
  });

  it("C-4: a stream begins anew without what was pulled; what waits of this phone is laid over it, others' streams stay", async () => {
    const landed = ownWrite("own", { quantity: 1 }, { state: "landed", position: 3 });
    const db = await phone({
      records: [
        { record: "own", base: { quantity: [{ id: "own", at: 1, by: "", value: 1 }] }, written: 3 },
        { record: "r", base: side("r"), written: 4 },
        { record: "else", unit: "v", base: side("e") },
      ],
      writes: [
        landed,
        ownWrite("edit", { quantity: 2 }, { record: "own", seen: ["own"] }),
        ownWrite("other", { note: "x" }, { stream: "v c", state: "landed", position: 1 }),
      ],
      meta: { catalog: CATALOG },
    });
    await take(db, { ...CURSOR, reset: true }, { ...CURSOR, unit: "v" });
    expect(await shown(db)).toEqual(["else", "own"]);
    const row = await db.get("records", "own");
    expect(row).toMatchObject({ base: {}, view: { fields: { quantity: [{ id: "edit", value: 2 }] } } });
    expect((await db.getAll("writes")).map(({ id, state }) => `${id} ${state}`)).toEqual([
      ...["own pending", "edit pending", "other landed"],
    ]);
    expect(await meta(db, "noted")).toMatchObject({ own: { writes: ["own"] }, r: { writes: ["r"] } });
  });
});
