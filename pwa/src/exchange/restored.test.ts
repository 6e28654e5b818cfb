// What this phone takes of an answer (SPEC X-11), and names to a server that was restored (B-2, B-3).
import { expect, test as it } from "vitest";
import { ownWrite, phone } from "../db/phone.testing";
import { amend } from "../db/records";
import type { Db } from "../db/schema";
import { takeHead } from "./apply";
import type { Head, Request } from "./protocol";
import { bringBack, lackingNow, markNamed } from "./restored";

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
  await markNamed(db, await lackingNow(db));
  expect(await lackingNow(db)).toEqual([]);
  await db.put("meta", 40 * DAY, "exchanged_at");
  await takeHead(db, head({ restored: 7, results: [] }), ASKED);
  expect((await lackingNow(db)).flatMap(({ writes }) => writes)).toEqual(again);
});

it("B-19, L-15: all that is kept goes again in the order it was made, before what waits, with its first receipt", async () => {
  const side = { note: [{ id: "landed", at: 1, by: "", value: "" }] };
  const db = await phone({
    records: [{ record: "landed", base: side }],
    writes: [
      ownWrite("landed", { note: "" }, { state: "landed", position: 3, received: 30 }),
      ownWrite("stored", { note: "" }, { state: "stored", position: 4 }),
      ownWrite("refused", { note: "" }, { state: "refused", code: "archived" }),
      ownWrite("left", { note: "" }, { state: "landed", position: 9, stream: "v c" }),
      ownWrite("waits", { note: "" }),
    ],
    uploads: ["verified", "waiting"].map((state) => ({ sha256: state, record: "landed", field: "f", state })),
  });
  await amend(db, bringBack);
  const outbox = await db.getAll("writes", "state", "pending");
  expect(outbox.map(({ id, received, based }) => [id, received, based])).toEqual([
    // In the pulled records until those are told anew: it is not laid over them again.
    ["landed", 30, true],
    ["stored", 1, false],
    ["left", 1, false],
    ["waits", undefined, undefined],
  ]);
  const photos = await db.getAll("uploads");
  expect(photos.map(({ sha256, state }) => `${sha256} ${state}`)).toEqual([
    "verified sent",
    "waiting waiting",
  ]);
  // L-26: of a stream that was left nothing was shown; now it is, until the server has it.
  expect(await db.get("records", "left")).toMatchObject({ unit: "v", view: { delivery: "on_phone" } });
});

it("B-23: of what was noted is named what no pulled record has and nothing that waits will bring", async () => {
  const noted = { unit: "u", campaign: "c", number: "" };
  const db = await phone({
    records: [{ record: "r", base: { note: [{ id: "there", at: 1, by: "", value: "" }] } }],
    writes: [ownWrite("waits", { note: "" })],
    meta: {
      noted: {
        r: { ...noted, record: "r", writes: ["there", "gone"] },
        waits: { ...noted, record: "waits", writes: ["waits"] },
        away: { ...noted, record: "away", writes: ["a", "b"] },
      },
    },
  });
  expect((await lackingNow(db)).map(({ record, writes }) => [record, writes])).toEqual([
    ["r", ["gone"]],
    ["away", ["a", "b"]],
  ]);
});
