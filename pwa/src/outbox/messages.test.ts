// D-15, X-62: messages are entries of the outbox, as many as there are, and no part of the record.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import type { Db } from "../db/schema";
import { dropMessage, keepMessage, ownMessages } from "./messages";

const NOTE = { note: [{ id: "w", at: 1, by: "", value: "x" }] };
let db: Db;

beforeEach(async () => {
  db = await phone({ records: [{ record: "r", base: NOTE, decision: null }] });
});
afterEach(() => vi.restoreAllMocks());

const texts = async () => (await ownMessages(db, "r")).map(({ wire }) => wire.message.text);

it("keeps each one in its order, and changes the record by none", async () => {
  const before = await db.get("records", "r");
  await keepMessage(db, "r", "một");
  await keepMessage(db, "r", "hai");
  await keepMessage(db, "other", "ba");
  expect(await texts()).toEqual(["một", "hai"]);
  expect(await db.get("records", "r")).toEqual(before);
});

it("said again before it went, it is the same one in its place", async () => {
  await keepMessage(db, "r", "một");
  await keepMessage(db, "r", "hai");
  const [first] = await ownMessages(db, "r");
  expect(await keepMessage(db, "r", "không", first?.id)).toBe(true);
  expect(await texts()).toEqual(["không", "hai"]);
});

it("one that went is neither changed nor taken back", async () => {
  await keepMessage(db, "r", "một");
  const [own] = await ownMessages(db, "r");
  if (own) await db.put("entries", { ...own, sent: true });
  expect(await keepMessage(db, "r", "hai", own?.id)).toBe(false);
  expect(await dropMessage(db, own?.id ?? "")).toBe(false);
  expect(await texts()).toEqual(["một"]);
});

it("one that was not taken is typed anew, and goes as another in its place", async () => {
  await keepMessage(db, "r", "một");
  await keepMessage(db, "r", "hai");
  const [own] = await ownMessages(db, "r");
  if (own) await db.put("entries", { ...own, state: "refused", code: "too_long", sent: true });
  expect(await keepMessage(db, "r", "ngắn", own?.id)).toBe(true);
  const [anew, other] = await ownMessages(db, "r");
  expect([anew?.wire.message.text, anew?.state, anew?.code, anew?.sent]).toEqual([
    ...["ngắn", "pending", undefined, undefined],
  ]);
  expect(other?.wire.message.text).toBe("hai");
  expect(anew?.id).not.toBe(own?.id);
});

it("one that was not taken goes once that was read", async () => {
  await keepMessage(db, "r", "một");
  const [own] = await ownMessages(db, "r");
  if (own) await db.put("entries", { ...own, state: "refused", code: "archived", sent: true });
  expect(await dropMessage(db, own?.id ?? "")).toBe(true);
  expect(await texts()).toEqual([]);
});
