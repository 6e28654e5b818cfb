// Streams that begin anew and streams that an officer has no more (SPEC C-4, L-10, L-26, B-3).
import { expect, test as it } from "vitest";
import { CATALOG, ownWrite, phone } from "../db/phone.testing";
import { amend } from "../db/records";
import { type Db, meta } from "../db/schema";
import { leaveStreams, reset } from "./scope";

const CURSOR = { unit: "u", campaign: "c", position: 4, tag: "t", floor: 4 };
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
  await amend(db, (tx) => leaveStreams(tx, [CURSOR]));
  expect(await shown(db)).toEqual(["pending", "refused", "stays", "unverified"]);
});

it("L-26: own stored writes and photos of it stay, for a server that is restored (H-2)", async () => {
  const db = await holding();
  await amend(db, (tx) => leaveStreams(tx, [CURSOR]));
  expect((await db.getAll("writes")).map(({ id }) => id)).toContain("verified");
  expect((await db.getAll("uploads")).map(({ sha256 }) => sha256)).toContain("verified");
});

it("L-10: one of which this very transaction puts a part is looked at again at the next", async () => {
  const db = await holding();
  await amend(db, async (tx) => {
    const row = await tx.get("records", "others");
    if (row) await tx.put("records", row);
    await leaveStreams(tx, [CURSOR]);
  });
  expect(await shown(db)).toContain("others");
  await amend(db, (tx) => leaveStreams(tx, [CURSOR]));
  expect(await shown(db)).not.toContain("others");
});

it("B-3: while a restored server is being told what it lacks, what is dropped is noted before", async () => {
  const db = await holding({ records: [{ record: "others", unit: "v", number: "BR-5", base: side("w") }] });
  await amend(db, (tx) => leaveStreams(tx, [CURSOR]));
  expect(await meta(db, "noted")).toBeUndefined();
  const again = await holding({
    records: [{ record: "others", unit: "v", number: "BR-5", base: side("w") }],
    meta: { catalog: CATALOG, noted: {} },
  });
  await amend(again, (tx) => leaveStreams(tx, [CURSOR]));
  expect(await meta(again, "noted")).toMatchObject({ others: { number: "BR-5", unit: "v", writes: ["w"] } });
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
  await amend(db, (tx) => reset(tx, CURSOR));
  expect(await shown(db)).toEqual(["else", "own"]);
  const row = await db.get("records", "own");
  expect(row).toMatchObject({ base: {}, view: { fields: { quantity: [{ id: "edit", value: 2 }] } } });
  expect((await db.getAll("writes")).map(({ id, state }) => `${id} ${state}`)).toEqual([
    ...["own pending", "edit pending", "other landed"],
  ]);
  expect(await meta(db, "noted")).toMatchObject({ own: { writes: ["own"] }, r: { writes: ["r"] } });
});
