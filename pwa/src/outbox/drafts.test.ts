// Which form is opened over a record (SPEC W-2, W-4, W-6).
import { expect, test as it, vi } from "vitest";
import broadcast from "../../../sync/kinds/broadcast.json";
import type { Kind } from "../core/kind";
import { CATALOG, ownWrite, phone } from "../db/phone.testing";
import type { Db, DraftRow, WriteRow } from "../db/schema";
import { newPage } from "../platform/stand-ins.testing";
import { beginEdit, changeDraft, discardDraft, dropUntouched, likeLastTime, suggested } from "./drafts";
import { allDrafts, isUnplaced } from "./save";

const BROADCAST = broadcast as unknown as Kind;

const OTHERS = { note: [{ id: "other", at: 1, by: "", value: "của xã" }] };

/** A record that others wrote too, with these writes of its own. */
function record(...writes: WriteRow[]): Promise<Db> {
  return over(OTHERS, ...writes);
}

function over(base: object, ...writes: WriteRow[]): Promise<Db> {
  return phone({ records: [{ record: "r", base: base as never }], writes, meta: { catalog: CATALOG } });
}

const LOST = ownWrite("e", { quantity: 2 }, { record: "r", state: "refused", code: "create_lost" });

async function opened(db: Db): Promise<DraftRow> {
  const row = await db.get("records", "r");
  const draft = row && (await db.get("drafts", await beginEdit(db, row)));
  if (!draft) throw new Error("no form");
  return draft;
}

it("W-6: it is drawn from what is shown, and has seen that alone", async () => {
  const draft = await opened(await record(ownWrite("own", { quantity: 2 }, { record: "r" })));
  expect(draft).toMatchObject({ record: "r", corrects: [], now: { note: "của xã", quantity: 2 } });
  expect(draft.drawn.seen).toEqual({ note: ["other"], quantity: ["own"] });
});

it("the unfinished one of a record is gone on with; one that was only looked at is not", async () => {
  const db = await record();
  const looked = await opened(db);
  const begun = await opened(db);
  expect(begun.id).not.toBe(looked.id);
  await db.put("drafts", { ...begun, untouched: false });
  expect((await opened(db)).id).toBe(begun.id);
  await discardDraft(db, begun);
  expect((await opened(db)).id).not.toBe(begun.id);
});

it("over a refused edit it corrects that one", async () => {
  const draft = await opened(await record(ownWrite("bad", { note: "x" }, { record: "r", state: "refused" })));
  expect(draft).toMatchObject({ record: "r", corrects: ["bad"] });
});

it.each([
  ["creation was refused", ownWrite("r", { quantity: 2 }, { state: "refused", code: "archived" })],
  ["creation was lost", LOST],
])("W-2: where its %s, it makes another record, which knows of what it stands for", async (_, write) => {
  const draft = await opened(await over({}, write));
  expect(draft).toMatchObject({ record: draft.id, replaces: "r", corrects: [], now: { quantity: 2 } });
  expect(draft.drawn).toMatchObject({ values: {}, seen: { submitted: [write.id] } });
});

it("X-31: where its creation was lost and somebody brought it back, it corrects the change", async () => {
  const draft = await opened(await record(LOST));
  expect(draft).toMatchObject({ record: "r", corrects: ["e"], now: { note: "của xã", quantity: 2 } });
});

it("W-2: a draft that stands for a record is gone on with from that record", async () => {
  const db = await record(ownWrite("r", { note: "x" }, { state: "refused", code: "archived" }));
  const begun = await opened(db);
  await db.put("drafts", { ...begun, untouched: false });
  expect((await opened(db)).id).toBe(begun.id);
});

// F-25.
it.each([
  ["an app before this noted it", { hotline: true }],
  ["a person said it", { hotline: true, hotline_by: "person" }],
])("the last record again says nothing of 111 where %s", async (_, said) => {
  const schedule = { from: "2021-08-01", to: "2021-08-01", times_a_day: 1 };
  const db = await phone({ meta: { previous: { broadcast: { script: "Bài 1", schedule, ...said } } } });
  const again = await likeLastTime(db, BROADCAST);
  expect(again).toMatchObject({ script: "Bài 1", standing: true });
  expect([again?.["hotline"], again?.["hotline_by"]]).toEqual([undefined, undefined]);
});

it("F-25: a yes or no begins unsaid, whatever default an older server's catalogue has", async () => {
  const fields = BROADCAST.fields.map(({ said_by: _, ...field }) =>
    field.name === "hotline" ? { ...field, default: true } : field,
  );
  expect((await suggested(await phone(), { ...BROADCAST, fields }, "c"))["hotline"]).toBeUndefined();
});

it("P-25: a form for which there is no room waits in the page, and is stored with the first change that finds some", async () => {
  newPage();
  const db = await record();
  const other = await record();
  const row = await db.get("records", "r");
  if (!row) throw new Error("no record");
  const noted = (held: DraftRow) => ({ ...held, now: { ...held.now, note: `${held.now["note"]}!` } });
  const full = vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  const [kept, looked] = [await beginEdit(db, row), await beginEdit(db, row)];
  await expect(changeDraft(db, kept, noted)).rejects.toMatchObject({ cause: { name: "QuotaExceededError" } });
  full.mockRestore();
  await dropUntouched(db, looked);
  expect((await allDrafts(db)).map(({ id }) => id)).toEqual([kept]);
  // It is the one form of its record.
  expect(await beginEdit(db, row)).toBe(kept);
  // Another officer of this phone has nothing of it.
  expect(await allDrafts(other)).toEqual([]);
  expect(await changeDraft(db, kept, noted)).toBe(true);
  expect(await db.get("drafts", kept)).toMatchObject({ untouched: false, now: { note: "của xã!!" } });
  expect(isUnplaced(kept)).toBe(false);
  expect(await changeDraft(db, looked, noted)).toBe(false);
});
