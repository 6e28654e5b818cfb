// D-13: an answer to a return is kept until the server has it, and is no part of the record.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import { type Db, meta } from "../db/schema";
import { keepReply, landReply, refuseReply, waitingReplies } from "./replies";

const DECISION = { id: "d", verdict: "returned", reason: "mờ", fields: [], by: "", at: 1, amended: false };
const NOTE = { note: [{ id: "w", at: 1, by: "", value: "x" }] };
let db: Db;

beforeEach(async () => {
  db = await phone({ records: [{ record: "r", base: NOTE, decision: DECISION }] });
});
afterEach(() => vi.restoreAllMocks());

it("said again before it went, it is one answer under one id", async () => {
  await keepReply(db, "r", "d", "một");
  const [[, first] = []] = await waitingReplies(db);
  await keepReply(db, "r", "d", "hai");
  expect(await waitingReplies(db)).toEqual([["d", { ...first, text: "hai", at: expect.any(Number) }]]);
});

it("what the server gives back stands beside the decision, and the record is no other", async () => {
  await keepReply(db, "r", "d", "một");
  const before = await db.get("records", "r");
  const reply = { id: "i", text: "của người khác", by: "Lan", at: 2 };
  await landReply(db, "d", "r", reply);
  const after = await db.get("records", "r");
  expect(after?.decision?.reply).toEqual(reply);
  expect(after?.view).toEqual(before?.view);
  expect(await waitingReplies(db)).toEqual([]);
});

it("one that was not taken waits for the officer, not for the server", async () => {
  await keepReply(db, "r", "d", "một");
  await refuseReply(db, "d", "no_decision");
  expect(await waitingReplies(db)).toEqual([]);
  expect((await meta(db, "replies"))?.["d"]).toMatchObject({ text: "một", code: "no_decision" });
});
