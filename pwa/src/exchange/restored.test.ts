// What this phone takes of an answer (SPEC X-11), and names to a server that was restored (B-2, B-3).
import { expect, test as it } from "vitest";
import { phone } from "../db/phone.testing";
import type { Db } from "../db/schema";
import { takeHead } from "./apply";
import type { Head, Request } from "./protocol";
import { lackingNow, told } from "./restored";

const DAY = 86_400_000;
const CURSOR = { unit: "u", campaign: "c", position: 4, tag: "t", floor: 4 };
const WRITE = { id: "own", record: "r", kind: "banner", stream: "u c", state: "pending" };
const WIRE = { id: "own", at: 1, record: "r", set: { quantity: 1 } };

function holding(): Promise<Db> {
  return phone({ cursors: [CURSOR], writes: [{ ...WRITE, wire: WIRE }] });
}

function head(more: Partial<Head> = {}): Head {
  const results = [{ id: "own", result: "stored", position: 2, number: "BR-1" }] as const;
  return { results, photos: [], catalog: "", server_time: 40 * DAY, minimum_app: 1, ...more };
}

const ASKED: Request = { app: 2, cursors: [CURSOR], push: "p" };

async function state(db: Db): Promise<unknown> {
  return (await db.getAll("writes"))[0]?.state;
}

it("an answer is taken while the phone is as it was when it asked", async () => {
  const db = await holding();
  expect(await takeHead(db, head(), ASKED)).toEqual([]);
  expect(await state(db)).toBe("stored");
});

it("of an answer from before a restore that it has heard of since, not even the results (X-11)", async () => {
  const db = await holding();
  await db.put("meta", 5, "restored");
  expect(await takeHead(db, head(), ASKED)).toBe(undefined);
  expect(await state(db)).toBe("pending");
});

it("nor of one to cursors that another tab has moved; the push is still to be asked for", async () => {
  const db = await holding();
  await db.put("meta", { id: "p", writes: ["own"] }, "push");
  await db.put("cursors", { ...CURSOR, position: 5, sealed: null, closed: null });
  expect(await takeHead(db, head(), ASKED)).toBe(undefined);
  expect(await state(db)).toBe("pending");
  expect(await db.get("meta", "push")).toMatchObject({ id: "p" });
});

// B-18.
it("brings back where the server knows of no restore any more, for it was put back to before it (B-2)", async () => {
  const db = await holding();
  await db.put("meta", 5, "restored");
  await db.put("writes", { ...(await db.getAll("writes"))[0], state: "landed" } as never);
  expect(await takeHead(db, head({ results: [] }), { ...ASKED, restored: 5 })).toBe(null);
  expect(await state(db)).toBe("pending");
  expect(await db.get("meta", "restored")).toBe(undefined);
  expect(await db.getAll("cursors")).toEqual([]);
});

// B-25.
it.each([
  [29, ["gone"]],
  [31, []],
])("names what it named before again after another restore, for 30 days: after %i", async (days, again) => {
  const db = await holding();
  await db.put("meta", (40 - days) * DAY, "exchanged_at");
  const gone = { record: "x", unit: "u", campaign: "c", number: "BR-9", writes: ["gone"] };
  await db.put("meta", { x: gone }, "noted");
  await told(db, await lackingNow(db));
  expect(await lackingNow(db)).toEqual([]);
  await db.put("meta", 40 * DAY, "exchanged_at");
  await takeHead(db, head({ restored: 7, results: [] }), ASKED);
  expect((await lackingNow(db)).flatMap(({ writes }) => writes)).toEqual(again);
});
