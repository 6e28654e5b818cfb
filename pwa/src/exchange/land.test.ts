// What the news say of own writes that the server had stored (SPEC B-2, X-10), over rows in memory.
import { expect, test as it } from "vitest";
import type { Fields } from "../core/record";
import type { Tx, WriteRow } from "../db/schema";
import { land } from "./land";
import type { Before, Block } from "./protocol";

const OWN = {
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
  let row = write;
  const tx = {
    get: (store: string) => Promise.resolve(store === "records" ? { base } : undefined),
    getAll: (_: string, __: string, state: string) => Promise.resolve(row.state === state ? [row] : []),
    put: (store: string, put: WriteRow) => {
      if (store === "writes") row = put;
      return Promise.resolve();
    },
  } as unknown as Tx;
  const cursor = { ...HELD, position: 6, floor: done ? 6 : (before.get("u c")?.floor ?? 0), reset: false };
  const block = { changes: told ? [{ record: "r" }] : [], cursors: [cursor] } as unknown as Block;
  return [await land(tx, block, before, ["own"], ended), row];
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
