// What becomes of own writes that the server had stored when news pass their place (SPEC, B-21, B-22).
import { expect, test as it } from "vitest";
import type { Fields } from "../core/record";
import { phone } from "../db/phone.testing";
import type { WriteRow } from "../db/schema";
import { land } from "./land";
import type { Before, Block } from "./protocol";

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

/** The write of another in these fields. */
function others(...fields: string[]): Fields {
  const side = { id: "other", at: 2, by: "Người khác", value: 3 };
  return Object.fromEntries(fields.map((field) => [field, [side]]));
}

interface News {
  readonly write?: WriteRow;
  /** What its record says behind the block. */
  readonly base: Fields;
  /** The block tells of that. */
  readonly told?: boolean;
  /** Of all streams. */
  readonly ended?: boolean;
  /** Of this one, in a block before the last. */
  readonly done?: boolean;
  readonly before?: Before;
}

/** Whether the server lost something, and what is left of the write. */
async function after(news: News): Promise<[boolean, WriteRow]> {
  const { write = OWN, base, told = false, ended = false, before = new Map([["u c", HELD]]) } = news;
  const { done = ended } = news;
  const db = await phone({ records: [{ record: "r", base }], writes: [write] });
  const cursor = { ...HELD, position: 6, floor: done ? 6 : (before.get("u c")?.floor ?? 0), reset: false };
  const block = { changes: told ? [{ record: "r" }] : [], cursors: [cursor] } as unknown as Block;
  const lost = await db.atomically((tx) => land(tx, block, before, ["own"], ended));
  const [row] = await db.getAll("writes");
  return [lost, row ?? OWN];
}

// B-22.
it("one whose record is told without it, and with nothing in one of its fields, was lost with others", async () => {
  expect(await after({ base: others("quantity"), told: true })).toEqual([true, OWN]);
});

// B-22.
it("one in all of whose fields others stand goes again alone: they may have seen it", async () => {
  const [lost, row] = await after({ base: others("hamlet", "quantity"), told: true });
  expect(lost).toBe(false);
  expect(row).toMatchObject({ state: "pending", position: undefined, based: true });
});

// B-22.
it("one that is not told is waited for to the end of the news, and lost then", async () => {
  expect(await after({ base: {} })).toEqual([false, OWN]);
  expect(await after({ base: {}, ended: true })).toEqual([true, OWN]);
});

// L-27, B-22.
it("one that had landed was lost where its stream came back and does not tell of it", async () => {
  const write: WriteRow = { ...OWN, state: "landed" };
  const before: Before = new Map();
  expect(await after({ write, base: {}, ended: true, before })).toEqual([true, write]);
  expect(await after({ write, base: {}, before })).toEqual([false, write]);
  expect(await after({ write, base: {}, ended: true })).toEqual([false, write]);
});

// L-27, B-22.
it("one that had landed goes again alone where its stream came back and tells of others in all of its fields", async () => {
  const write: WriteRow = { ...OWN, state: "landed" };
  const base = others("hamlet", "quantity");
  const [lost, row] = await after({ write, base, ended: true, before: new Map() });
  expect(lost).toBe(false);
  expect(row).toMatchObject({ state: "pending", position: undefined, based: true });
  expect(await after({ write, base, before: new Map() })).toEqual([false, write]);
  const own = { note: [{ id: "own", at: 1, by: "Tôi", value: "a" }] };
  expect(await after({ write, base: { ...base, ...own }, ended: true, before: new Map() })).toEqual([
    false,
    write,
  ]);
});

it("a stream may come to its end in a block before the last: what it has not told by then it does not tell", async () => {
  expect(await after({ base: {}, done: true })).toEqual([true, OWN]);
  const write: WriteRow = { ...OWN, state: "landed" };
  expect(await after({ write, base: {}, done: true, before: new Map() })).toEqual([true, write]);
});

it("a delete that has seen one does not tell of it", async () => {
  const deleted = [{ id: "other", at: 2, by: "Người khác", value: true, seen: ["own"] }];
  expect(await after({ base: { deleted }, told: true })).toEqual([true, OWN]);
  const write: WriteRow = { ...OWN, state: "landed" };
  expect(await after({ write, base: { deleted }, ended: true, before: new Map() })).toEqual([true, write]);
});

/** Its record behind news that do not tell of it, and the write: the cursor was at `held` and is at `now`. */
async function passed(held: number, now: number, scope = true): Promise<[string[], string | undefined]> {
  const note = [{ id: "seen", at: 1, by: "", value: "a" }];
  const wire = { ...OWN.wire, set: { note: "b" }, seen: ["seen"] };
  const db = await phone({
    records: [{ record: "r", base: { note } }],
    writes: [{ ...OWN, wire }],
    meta: { catalog: { officer: { name: "Tôi" }, units: [], campaigns: [], kinds: [] } },
  });
  const before = new Map([["u c", { ...HELD, position: held, floor: held }]]);
  const cursors = scope ? [{ ...HELD, position: now, floor: now, reset: false }] : [];
  // It was stored by this very request: no news were ahead of it.
  await db.atomically((tx) => land(tx, { changes: [], cursors }, before, [], true));
  const { base } = (await db.get("records", "r")) ?? {};
  const [row] = await db.getAll("writes");
  return [(base?.["note"] ?? []).map(({ id, by }) => `${id} ${by}`), row?.state];
}

it("X-9: what the server does not echo is applied by this phone, under its officer's name", async () => {
  expect(await passed(4, 5)).toEqual([["own Tôi"], "landed"]);
});

it("X-10: until the cursor has reached it, it stays laid over what was pulled", async () => {
  expect(await passed(3, 4)).toEqual([["seen "], "stored"]);
});

it("X-10: at or before the cursor that was held it is in what was pulled: nothing is applied again", async () => {
  expect(await passed(5, 6)).toEqual([["seen "], "landed"]);
});

it("L-26: of a stream that is told no more nothing will come, so it has landed", async () => {
  expect((await passed(4, 5, false))[1]).toBe("landed");
});
