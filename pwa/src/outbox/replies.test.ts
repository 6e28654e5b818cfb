// D-13, X-62: an answer to a return is an entry of the outbox, and no part of the record.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { open } from "../db/open";
import { phone } from "../db/phone.testing";
import { type Db, LAYOUT, meta, openDevice } from "../db/schema";
import { dropReply, keepReply, replyTo, waitingReplies } from "./replies";

const DECISION = { id: "d", verdict: "returned", reason: "mờ", fields: [], by: "", at: 1, amended: false };
const NOTE = { note: [{ id: "w", at: 1, by: "", value: "x" }] };
let db: Db;

beforeEach(async () => {
  db = await phone({ records: [{ record: "r", base: NOTE, decision: DECISION }] });
});
afterEach(() => vi.restoreAllMocks());

it("said again before it went, it is one answer under one id, and the record is no other", async () => {
  const before = await db.get("records", "r");
  await keepReply(db, "r", "d", "một");
  const [first] = await waitingReplies(db);
  await keepReply(db, "r", "d", "hai");
  const [again, ...others] = await waitingReplies(db);
  expect([again?.id, again?.wire.reply.text, others]).toEqual([first?.id, "hai", []]);
  expect(await db.get("records", "r")).toEqual(before);
});

it.each([
  ["push", { id: "p", writes: ["other", "own"] }],
  ["handed", ["own"]],
])("one that is under way by the note %s keeps its text", async (note, value) => {
  const wire = { id: "own", reply: { record: "r", decision: "d", text: "một", at: 1 } };
  await db.put("entries", { id: "own", state: "pending", made: 1, wire });
  await db.put("meta", value as never, note);
  expect(await keepReply(db, "r", "d", "hai")).toBe(false);
  expect(await replyTo(db, "d")).toMatchObject({ wire });
  await db.delete("meta", note);
  expect(await keepReply(db, "r", "d", "hai")).toBe(true);
  expect(await replyTo(db, "d")).toMatchObject({ id: "own", wire: { reply: { text: "hai" } } });
});

it("one that was not taken waits for the officer, not for the server", async () => {
  await keepReply(db, "r", "d", "một");
  const [own] = await waitingReplies(db);
  if (own) await db.put("entries", { ...own, state: "refused", code: "no_decision" });
  expect(await waitingReplies(db)).toEqual([]);
  expect(await replyTo(db, "d")).toMatchObject({ code: "no_decision" });
  expect(await keepReply(db, "r", "d", "hai")).toBe(true);
  expect((await waitingReplies(db)).map(({ id, wire }) => [id === own?.id, wire.reply.text])).toEqual([
    [false, "hai"],
  ]);
  await dropReply(db, "d");
  expect(await replyTo(db, "d")).toBeNull();
});

it("what an app before entries kept is taken over with its id, and nothing else of its database changes", async () => {
  const name = `loa-phone-${crypto.randomUUID()}`;
  const { entries: _, ...before } = LAYOUT;
  const old = (await open(name, before, 4)) as unknown as Db;
  const waits = { id: "A".repeat(16), record: "r", text: "Đã treo lại", at: 7 };
  await old.put("meta", { d: waits, e: { ...waits, id: "B".repeat(16), code: "no_decision" } }, "replies");
  await old.put("meta", 5, "restored");
  old.close();
  const now = await openDevice(name);
  const { id, record, text, at } = waits;
  expect(await waitingReplies(now)).toEqual([
    { id, state: "pending", made: 7, wire: { id, reply: { record, decision: "d", text, at } } },
  ]);
  expect(await replyTo(now, "e")).toMatchObject({ state: "refused", code: "no_decision" });
  expect([await meta(now, "replies"), await meta(now, "restored")]).toEqual([undefined, 5]);
});
