// A form that takes the place of a record which the server refused (SPEC W-4, G1, G3).
import { expect, test as it } from "vitest";
import { written } from "../core/draft";
import type { Values } from "../core/write";
import { phone } from "../db/phone.testing";
import type { RecordRow } from "../db/schema";
import { beginEdit } from "./drafts";
import { saveDraft } from "./save";

const ROW = { record: "old", kind: "broadcast", stream: "u c" };
const REFUSED: Values = { hamlet: "Tạ Hạ", note: "sai", "aired/20210721": 1, submitted: true };

/** What the new record says where the person, in a form drawn before the taps, changes these fields. */
async function saved(changes: Values, ...taps: Values[]): Promise<Values> {
  const write = (id: string, set: Values) => ({ ...ROW, id, wire: { id, at: 1, record: "old", set } });
  const db = await phone({ writes: [{ ...write("old", REFUSED), state: "refused", code: "archived" }] });
  const fields = Object.entries(REFUSED).map(([field, value]) => [
    field,
    [{ id: "old", at: 1, by: "", value }],
  ]);
  const row = { ...ROW, unit: "u", campaign: "c", view: { fields: Object.fromEntries(fields) } };
  const id = await beginEdit(db, row as unknown as RecordRow);
  for (const [nth, set] of taps.entries()) {
    await db.put("writes", { ...write(`tap${nth}`, set), state: "pending", code: "create_missing" });
  }
  const [draft] = await db.getAll("drafts");
  if (!draft) throw new Error("no form");
  const now = Object.fromEntries(
    Object.entries({ ...draft.now, ...changes }).filter(([, value]) => value !== null),
  );
  const form = written(draft.drawn, now);
  if (!form) throw new Error("nothing to save");
  await saveDraft(db, draft, form);
  const [only, ...others] = await db.getAll("writes");
  expect([only?.id, others]).toEqual([id, []]);
  return only?.wire.set ?? {};
}

it("what was said by one tap since the form was drawn is said of the new record", async () => {
  const set = await saved({ hamlet: "Tạ Thượng" }, { "aired/20210721": 2 }, { "aired/20210722": 3 });
  expect(set).toEqual({
    hamlet: "Tạ Thượng",
    note: "sai",
    "aired/20210721": 2,
    "aired/20210722": 3,
    submitted: true,
  });
});

it("what the person changed or took away in the form stands", async () => {
  const set = await saved({ note: null, "aired/20210721": 5 }, { "aired/20210721": 2 });
  expect(set).toEqual({ hamlet: "Tạ Hạ", "aired/20210721": 5, submitted: true });
});

it("what was deleted meanwhile is there: its form was saved", async () => {
  expect(await saved({}, { deleted: true })).toEqual(REFUSED);
});
