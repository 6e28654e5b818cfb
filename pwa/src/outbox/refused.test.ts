// What becomes of what the server refused, and what its officer does about it (SPEC H-3, X-5, H-2).
import { expect, test as it } from "vitest";
import type { Head } from "../core/protocol";
import { ownWrite, phone } from "../db/phone.testing";
import { amend } from "../db/records";
import { type Db, meta, type UploadRow } from "../db/schema";
import { takeHead } from "../exchange/driver";
import { keepMessage, ownMessages } from "./messages";
import { discardRefused, keepPhotos, retryRefused } from "./refused";

const DAY_MS = 86_400_000;
const PHOTO = { record: "own", field: "photos/x", role: "full", stream: "u c", size_bytes: 4, sent_bytes: 0 };

/** What the server says of these writes and photos, taken as the exchange takes it. */
async function judged(db: Db, head: Partial<Head>): Promise<void> {
  const whole = { results: [], photos: [], catalog: "", server_time: 1, minimum_app: 1, ...head };
  const restored = await meta(db, "restored");
  if (head.restored) await db.put("meta", head.restored, "restored");
  await takeHead(db, {
    head: whole,
    asked: { app: 3, cursors: [], restored: head.restored ?? restored },
    push: undefined,
  });
}

async function states(db: Db): Promise<[string, string][]> {
  return (await db.getAll("writes")).map(({ id, state }) => [id, state]);
}

it("a photo that a restore put back waits for a person with its write, not for ever", async () => {
  const db = await phone({
    writes: [ownWrite("own", { "photos/x": { sha256: "h" } })],
    uploads: [{ ...PHOTO, sha256: "h", state: "sent" }],
  });
  await judged(db, {
    results: [{ id: "own", result: "refused", code: "foreign_unit" }],
    photos: [{ sha256: "h", state: "wanted" }],
  });
  expect(await db.getAll("uploads")).toMatchObject([{ state: "refused", code: "foreign_unit" }]);
});

//
it("X-5: an edit whose creation nobody brings waits 30 days of the server's time, then for its officer", async () => {
  const db = await phone({ writes: [ownWrite("edit", { note: "x" }, { record: "other" })] });
  const after = async (day: number, more: Partial<Head> = {}) => {
    const results = [{ id: "edit", result: "later", code: "create_missing" }] as const;
    await judged(db, { results, server_time: day * DAY_MS, ...more });
    const { state, code } = (await db.get("writes", "edit", "id")) ?? {};
    return [state, code];
  };
  expect(await after(100)).toEqual(["pending", "create_missing"]);
  expect(await after(130)).toEqual(["pending", "create_missing"]);
  expect(await after(131, { restored: 120 * DAY_MS })).toEqual(["pending", "create_missing"]);
  expect(await after(151, { restored: 120 * DAY_MS })).toEqual(["refused", "create_lost"]);
  await retryRefused(db, "other");
  expect(await after(152)).toEqual(["refused", "create_lost"]);
});

it("X-62: a message about a record that the server lacks waits as an edit does, and its words stay", async () => {
  const db = await phone({});
  await keepMessage(db, "other", "Có cần chụp thêm?");
  const after = async (day: number) => {
    const [{ id } = { id: "" }] = await ownMessages(db, "other");
    const results = [{ id, result: "later", code: "create_missing" }] as const;
    await judged(db, { results, server_time: day * DAY_MS });
    return (await ownMessages(db, "other")).map(({ state, code, wire }) => [state, code, wire.message.text]);
  };
  expect(await after(100)).toEqual([["pending", undefined, "Có cần chụp thêm?"]]);
  expect(await after(130)).toEqual([["pending", undefined, "Có cần chụp thêm?"]]);
  expect(await after(131)).toEqual([["refused", "create_lost", "Có cần chụp thêm?"]]);
});

it("X-31: an edit whose create waits on this phone for its day is never lost", async () => {
  const db = await phone({
    writes: [
      ownWrite("own", { note: "x" }),
      ownWrite("edit", { note: "y" }, { record: "own", seen: ["own"] }),
    ],
  });
  const results = [
    { id: "own", result: "later", code: "day_to_come", field: "aired/20210725" },
    { id: "edit", result: "later", code: "create_missing" },
  ] as const;
  for (const day of [100, 131, 162]) await judged(db, { results, server_time: day * DAY_MS });
  expect(await states(db)).toEqual([
    ["own", "pending"],
    ["edit", "pending"],
  ]);
});

it("B-29: what this phone had stored of a record that the server lacks goes again, and of no other record", async () => {
  const db = await phone({
    writes: [
      ownWrite("else", { note: "z" }, { state: "landed", position: 2 }),
      ownWrite("own", { note: "x" }, { state: "landed", position: 3 }),
      ownWrite("edit", { note: "y" }, { record: "own", seen: ["own"] }),
    ],
  });
  const results = [{ id: "edit", result: "later", code: "create_missing" }] as const;
  await judged(db, { results, server_time: 90 * DAY_MS });
  expect(await states(db)).toEqual([
    ["else", "landed"],
    ["own", "pending"],
    ["edit", "pending"],
  ]);
});

it("B-29: so it does where the server lacks the record of a message", async () => {
  const db = await phone({ writes: [ownWrite("own", { note: "x" }, { state: "landed", position: 3 })] });
  await keepMessage(db, "own", "Có cần chụp thêm?");
  const [said] = await ownMessages(db, "own");
  const results = [{ id: said?.id ?? "", result: "later", code: "create_missing" }] as const;
  await judged(db, { results, server_time: 90 * DAY_MS });
  expect(await states(db)).toEqual([["own", "pending"]]);
  expect(await ownMessages(db, "own")).toHaveLength(1);
});

const REFUSED = { state: "refused", code: "archived" } as const;

it("H-3: a refused edit that is let go leaves the record as the server has it", async () => {
  const db = await phone({
    records: [{ record: "r", base: { note: [{ id: "other", at: 1, by: "", value: "của xã" }] } }],
    writes: [ownWrite("edit", { note: "sai" }, { record: "r", seen: ["other"], ...REFUSED })],
  });
  await discardRefused(db, "r");
  expect(await states(db)).toEqual([]);
  const { view } = (await db.get("records", "r")) ?? {};
  expect(view?.fields["note"]).toMatchObject([{ id: "other" }]);
  expect(view?.delivery).toBeUndefined();
});

it("H-3: without its creation nothing of a record can be sent, so all of it is let go together", async () => {
  const db = await phone({
    records: [{ record: "own" }],
    writes: [
      ownWrite("own", { note: "x", "photos/x": { sha256: "h" } }, REFUSED),
      ownWrite("edit", { note: "y" }, { record: "own", seen: ["own"] }),
      ownWrite("else", { note: "z" }),
    ],
    uploads: [{ ...PHOTO, sha256: "h", state: "refused" }],
  });
  await keepMessage(db, "own", "một");
  await keepMessage(db, "else", "hai");
  await discardRefused(db, "own");
  expect(await states(db)).toEqual([["else", "pending"]]);
  // but what was said about it, which asks the server no more.
  expect(await ownMessages(db, "own")).toMatchObject([{ state: "refused", code: "record_let_go" }]);
  expect(await ownMessages(db, "else")).toMatchObject([{ state: "pending" }]);
  expect(await db.getAll("uploads")).toEqual([]);
  expect(await db.getAll("records")).toEqual([]);
  expect(await db.getAll("words")).toEqual([]);
});

it.each([
  ["later", "create_missing", "refused"],
  ["refused", "internal", "refused"],
  ["stored", undefined, "stored"],
] as const)(
  "X-67: an answer under way to words whose record was let go brings them back to no outbox: %s",
  async (result, code, state) => {
    const db = await phone({
      records: [{ record: "own" }],
      writes: [ownWrite("own", { note: "x" }, REFUSED)],
    });
    await keepMessage(db, "own", "Có cần chụp thêm?");
    const [said] = await ownMessages(db, "own");
    await discardRefused(db, "own");
    await judged(db, {
      results: [{ id: said?.id ?? "", result, ...(code && { code }) }],
      server_time: 90 * DAY_MS,
    });
    const why = state === "refused" ? "record_let_go" : undefined;
    expect((await db.getAll("entries")).map((row) => [row.state, row.code])).toEqual([[state, why]]);
  },
);

it("X-3: what is sent again goes from its beginning, the photo from its first byte", async () => {
  const db = await phone({
    writes: [ownWrite("own", { "photos/x": { sha256: "h" } }, REFUSED)],
    uploads: [{ ...PHOTO, sha256: "h", state: "refused", code: "archived", sent_bytes: 4 }],
  });
  await retryRefused(db, "own");
  expect(await states(db)).toEqual([["own", "pending"]]);
  expect(await db.getAll("uploads")).toMatchObject([{ state: "waiting", sent_bytes: 0 }]);
});

it.each([
  ["pending", undefined, ["h"]],
  ["refused", undefined, ["h"]],
  ["stored", 5, []],
] as const)("H-2: a photo that is taken off by a write that is %s", async (state, position, kept) => {
  const db = await phone({
    writes: [
      ownWrite("own", { "photos/x": { sha256: "h" } }, { state: "landed", position: 3 }),
      ownWrite("off", { "photos/x": null }, { record: "own", seen: ["own"], state, position }),
    ],
    uploads: [{ ...PHOTO, sha256: "h", state: "waiting" }],
  });
  await amend(db, (tx) => keepPhotos(tx, "own"));
  expect((await db.getAll("uploads")).map(({ sha256 }: UploadRow) => sha256)).toEqual(kept);
});
