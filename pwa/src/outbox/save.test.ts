// Saving: all of it or none (SPEC G1), once (G2), as one write of what was changed (W-2, W-4, W-5).
import { afterEach, expect, test as it, vi } from "vitest";
import { NOTHING, written } from "../core/draft";
import type { Values } from "../core/record";
import { isFull } from "../db/open";
import { CATALOG, contents, KIND, noRoomFor, ownWrite, phone } from "../db/phone.testing";
import { type Db, type DraftRow, meta, type RecordRow } from "../db/schema";
import { newPage } from "../platform/stand-ins.testing";
import { beginEdit, beginNew, changeDraft, suggested } from "./drafts";
import { keepMessage, ownMessages } from "./messages";
import { discardRefused } from "./refused";
import { keepReply, ownReplies } from "./replies";
import { allDrafts, draftOf, forgetAllUnplaced, keepUnplaced, saveAct, saveDraft, saveForm } from "./save";

afterEach(() => {
  vi.restoreAllMocks();
});

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

const PHOTO = { sha256: "full", size_bytes: 9, thumb_sha256: "thumb", thumb_size_bytes: 3 };
const ON = { record: "r", kind: "banner", unit: "u", campaign: "c" };

/** A form of a new record, begun and filled in. */
async function form(set: Values, db?: Db): Promise<[Db, DraftRow]> {
  const on = db ?? (await phone({ meta: { catalog: CATALOG } }));
  const id = await beginNew(on, KIND, "u", "c");
  const draft = await on.get("drafts", id);
  if (!draft) throw new Error("no form");
  const filled = { ...draft, now: { ...draft.now, ...set }, untouched: false };
  await on.put("drafts", filled);
  return [on, filled];
}

/** Saves it as the screen does. */
function save(db: Db, draft: DraftRow): Promise<string> {
  return saveDraft(db, draft, written(draft.drawn, draft.now) ?? { set: {}, seen: [] });
}

it("a saved form is one write, a record that is shown and found, photos on their way, and no draft any more", async () => {
  const [db, draft] = await form({ hamlet: "Tạ Hạ", "photos/x": PHOTO });
  const record = await save(db, draft);
  expect(await db.getAll("drafts")).toEqual([]);
  const [write] = await db.getAll("writes");
  expect(write).toMatchObject({ id: draft.id, record, state: "pending", stream: "u c" });
  expect(write?.wire).toMatchObject({ record: draft.id, kind: "banner", unit: "u", campaign: "c" });
  expect(write?.wire.set).toEqual({ quantity: 1, hamlet: "Tạ Hạ", "photos/x": PHOTO, submitted: true });
  const [row] = await db.getAll("records", "list");
  expect(row).toMatchObject({ record, number: "BR-A1.1", view: { state: "unsent", delivery: "on_phone" } });
  expect(await db.getAll("words")).toMatchObject([{ record, text: expect.stringContaining("ta ha") }]);
  expect(await meta(db, "totals")).toEqual({ "u c": { "=unsent": 1, "unsent banners": 1 } });
  const uploads = (await db.getAll("uploads")).map(({ role, sha256, state }) => [role, sha256, state]);
  expect(uploads).toEqual([
    ["full", "full", "waiting"],
    ["thumb", "thumb", "waiting"],
  ]);
});

it("G1: whatever of a save finds no room, the form is as it was and nothing else is there", async () => {
  let [nth, met] = [0, true];
  while (met) {
    nth += 1;
    const [db, draft] = await form({ hamlet: "Tạ Hạ", "photos/x": PHOTO });
    const before = await contents(db);
    const full = noRoomFor(nth);
    const error = await save(db, draft).catch((problem: unknown) => problem);
    met = full.met();
    vi.restoreAllMocks();
    expect(isFull(error)).toBe(met);
    expect(met ? await contents(db) : before).toEqual(before);
    expect(await db.getAll("drafts")).toHaveLength(met ? 1 : 0);
  }
  expect(nth).toBeGreaterThan(8);
});

it("G2: the same form, saved twice or put back by an app that was killed, is one write", async () => {
  const [db, draft] = await form({ hamlet: "Tạ Hạ" });
  const record = await save(db, draft);
  const once = await db.getAll("writes");
  await db.put("drafts", draft);
  expect(await save(db, draft)).toBe(record);
  expect(await db.getAll("writes")).toEqual(once);
  expect(await db.getAll("drafts")).toEqual([]);
});

it("G2: what such a form says otherwise is an edit that has seen the first", async () => {
  const [db, draft] = await form({ hamlet: "Tạ Hạ", note: "a" });
  const record = await save(db, draft);
  await save(db, { ...draft, now: { ...draft.now, note: "b" } });
  const [first, edit, ...others] = await db.getAll("writes");
  expect(others).toEqual([]);
  expect(edit?.wire).toMatchObject({ record, set: { note: "b" }, seen: [first?.id] });
  expect(edit?.wire).not.toHaveProperty("kind");
  expect((await db.get("records", record))?.view.fields["note"]).toMatchObject([{ value: "b" }]);
});

it("W-4: a correction of a refused edit takes its place, and says to the server that it was seen", async () => {
  const other = [{ id: "other", at: 1, by: "", value: "của xã" }];
  const db = await phone({
    records: [{ record: "r", number: "BR-7", base: { note: other } }],
    writes: [
      ownWrite("bad", { note: "dài" }, { record: "r", seen: ["other"], state: "refused", code: "too_long" }),
    ],
    meta: { catalog: CATALOG },
  });
  const row = await db.get("records", "r");
  if (!row) throw new Error("no record");
  const draft = await db.get("drafts", await beginEdit(db, row));
  if (!draft) throw new Error("no form");
  const write = written(draft.drawn, { ...draft.now, note: "ngắn" }, ["note"]);
  await saveDraft(db, draft, write ?? { set: {}, seen: [] });
  const [only, ...others] = await db.getAll("writes");
  expect(others).toEqual([]);
  expect(only?.wire).toMatchObject({ record: "r", set: { note: "ngắn" }, seen: ["bad"] });
  expect((await db.get("records", "r"))?.number).toBe("BR-7");
});

it("each record of a kind has its own number on this phone, and keeps it when it is edited", async () => {
  const [db, draft] = await form({ hamlet: "một" });
  const record = await save(db, draft);
  await save(...(await form({ hamlet: "hai" }, db)));
  await saveAct(db, { ...ON, record }, { set: { deleted: true }, seen: [record] });
  const rows = await db.getAll("records");
  expect(rows.map(({ number }) => number).sort()).toEqual(["BR-A1.1", "BR-A1.2"]);
  expect((await db.get("records", record))?.list[1]).toBe("deleted");
});

it("the next form begins with what was said last, and offers the texts that were used, last first, each once", async () => {
  const [db, draft] = await form({ hamlet: "Tạ Hạ", quantity: 7 });
  await save(db, draft);
  await save(...(await form({ hamlet: "Tạ Thượng" }, db)));
  await save(...(await form({ hamlet: "tạ hạ" }, db)));
  expect(await suggested(db, KIND, "c")).toEqual({ hamlet: "tạ hạ", quantity: 1 });
  expect(await meta(db, "texts")).toEqual({ hamlets: ["tạ hạ", "Tạ Thượng"] });
});

it("P-17: a document is one file on its way, and goes with the originals", async () => {
  const value = { sha256: "dd", size_bytes: 5, type: "application/pdf", name: "a.pdf", added_at: 7 };
  const [db, draft] = await form({ "documents/dd": value });
  await saveDraft(db, draft, { set: { "documents/dd": value }, seen: [] });
  const on = { field: "documents/dd", role: "full", sha256: "dd", size_bytes: 5, state: "waiting" };
  expect(await db.getAll("uploads")).toMatchObject([on]);
});

it("a photo that was refused with its write goes again with the correction, one that was sent does not", async () => {
  const on = { record: "r", field: "photos/x", stream: "u c", size_bytes: 3, sent_bytes: 3 };
  const db = await phone({
    uploads: [
      { ...on, role: "full", sha256: "full", state: "refused", code: "archived" },
      { ...on, role: "thumb", sha256: "thumb", state: "sent" },
    ],
    meta: { catalog: CATALOG },
  });
  await saveDraft(db, { ...ON, id: "new", corrects: [] }, { set: { "photos/x": PHOTO }, seen: [] });
  const rows = await db.getAll("uploads");
  expect(rows.map(({ sha256, state, sent_bytes }) => [sha256, state, sent_bytes])).toEqual([
    ["full", "waiting", 0],
    ["thumb", "sent", 3],
  ]);
});

it("a form that is drawn over nothing says all that is in it, and who saves it has seen nothing", async () => {
  const [db, draft] = await form({ hamlet: "một" });
  expect(draft.drawn).toEqual(NOTHING);
  await save(db, draft);
  const [write] = await db.getAll("writes");
  expect(write?.wire).not.toHaveProperty("seen");
});

it("what was said about a record that was not taken is about the one made in its place", async () => {
  const db = await phone({
    records: [{ record: "old" }],
    writes: [ownWrite("old", { note: "x" }, { state: "refused", code: "archived" })],
    meta: { catalog: CATALOG },
  });
  await keepMessage(db, "old", "Có cần chụp thêm?");
  await keepReply(db, "old", "d", "Đã treo lại");
  const making = { id: "n", record: "n", kind: KIND.kind, unit: "u", campaign: "c", corrects: [] };
  await saveDraft(db, { ...making, replaces: "old" }, { set: { note: "y" }, seen: ["old"] });
  expect(await ownMessages(db, "n")).toMatchObject([
    { state: "pending", wire: { message: { text: "Có cần chụp thêm?" } } },
  ]);
  // a return is of the record that was, so the answer to it goes nowhere, and is not lost.
  expect(await ownReplies(db)).toMatchObject([{ state: "refused", wire: { reply: { record: "old" } } }]);
});

// F-42: forms over a record whose creation is refused while they are open. What goes on meanwhile is another window's.
const SAID: Values = { hamlet: "Tạ Hạ", note: "sai", "photos/x": PHOTO, submitted: true };

/** A phone that has made a record, which is not sent yet. */
function made(): Promise<Db> {
  return phone({
    records: [{ record: "old", number: "BR-A1.1" }],
    writes: [ownWrite("old", SAID)],
    meta: { catalog: CATALOG },
  });
}

/** The form of a record with this changed in it, as a page has it in memory. */
async function opened(db: Db, record: string, changes: Values = {}): Promise<DraftRow> {
  const row = await db.get("records", record);
  const draft = row && (await db.get("drafts", await beginEdit(db, row)));
  if (!draft) throw new Error("no form");
  return { ...draft, now: { ...draft.now, ...changes } };
}

async function refuse(db: Db, record: string): Promise<void> {
  const held = await db.get("writes", record, "id");
  if (held) await db.put("writes", { ...held, state: "refused", code: "archived" });
}

/** Refused, and corrected by another form; the record that stands for it. */
async function corrected(db: Db, record: string, changes: Values): Promise<string> {
  await refuse(db, record);
  return (await saveForm(db, await opened(db, record, changes))).record;
}

const writesOf = async (db: Db, record: string) =>
  (await db.getAll("writes", "record", record)).map(({ wire }) => wire);
const sidesOf = async (db: Db, record: string, field: string) =>
  (await db.get("records", record))?.view.fields[field]?.map(({ value }) => value).sort();

it("F-42: a form whose record was corrected goes on over the new one, and has seen what that says alike", async () => {
  const db = await made();
  const form = await opened(db, "old", { hamlet: "Tạ Thượng" });
  const heir = await corrected(db, "old", { note: "đúng" });
  expect(await saveForm(db, form)).toMatchObject({ record: heir });
  const [create, edit, ...others] = await writesOf(db, heir);
  expect([others, await writesOf(db, "old"), await db.getAll("drafts")]).toEqual([[], [], []]);
  expect(create?.set).toEqual({ ...SAID, note: "đúng" });
  expect(edit).toMatchObject({ set: { hamlet: "Tạ Thượng" }, seen: [heir] });
  expect(await sidesOf(db, heir, "hamlet")).toEqual(["Tạ Thượng"]);
  expect(await sidesOf(db, heir, "note")).toEqual(["đúng"]);
});

it("F-42, W-6: it overrules nothing that the correction changed: both sides stand", async () => {
  const db = await made();
  const form = await opened(db, "old", { hamlet: "Tạ Thượng", note: "khác" });
  const heir = await corrected(db, "old", { note: "đúng" });
  await saveForm(db, form);
  expect(await sidesOf(db, heir, "note")).toEqual(["khác", "đúng"]);
  expect(await sidesOf(db, heir, "hamlet")).toEqual(["Tạ Hạ", "Tạ Thượng"]);
});

it("F-42: one that is saved as it was drawn writes nothing where a correction stands for its record", async () => {
  const db = await made();
  const form = await opened(db, "old");
  const heir = await corrected(db, "old", { note: "đúng" });
  expect(await saveForm(db, form)).toEqual({ record: heir, said: null });
  expect(await db.getAll("writes")).toHaveLength(1);
  expect(await db.getAll("drafts")).toEqual([]);
});

it.each([
  ["with what was changed", { hamlet: "Tạ Thượng" }],
  ["that says what was drawn", {}],
])("F-42: a form whose record was discarded is one of its own, %s", async (_, changes) => {
  const db = await made();
  const form = await opened(db, "old", changes);
  await refuse(db, "old");
  await discardRefused(db, "old");
  const { record } = await saveForm(db, form);
  expect(record).toBe(form.id);
  const [only, ...others] = await db.getAll("writes");
  expect(others).toEqual([]);
  expect(only?.wire).toMatchObject({ record, kind: "banner", unit: "u", campaign: "c" });
  expect(only?.wire.set).toEqual({ ...SAID, ...changes });
  const uploads = (await db.getAll("uploads")).map((row) => [row.record, row.sha256, row.state]);
  expect(uploads).toEqual([
    [record, "full", "waiting"],
    [record, "thumb", "waiting"],
  ]);
  expect(await db.get("records", record)).toMatchObject({ view: { state: "unsent" } });
});

it("F-42: a second correction of a record is an edit of the first, of what its own person changed", async () => {
  const db = await made();
  await refuse(db, "old");
  const second = await opened(db, "old", { hamlet: "Tạ Thượng" });
  const heir = await corrected(db, "old", { note: "đúng" });
  await saveForm(db, second);
  const [, edit, ...others] = await db.getAll("writes");
  expect(others).toEqual([]);
  expect(edit?.wire).toMatchObject({ record: heir, set: { hamlet: "Tạ Thượng" }, seen: [heir] });
  expect(edit?.wire).not.toHaveProperty("kind");
});

it("F-42: what stood for a record may have been refused and corrected too, or discarded", async () => {
  const db = await made();
  const [form, other] = [await opened(db, "old", { hamlet: "a" }), await opened(db, "old", { hamlet: "b" })];
  const heir = await corrected(db, "old", { note: "đúng" });
  const next = await corrected(db, heir, { note: "đúng hơn" });
  expect(await saveForm(db, form)).toMatchObject({ record: next });
  await refuse(db, next);
  await discardRefused(db, next);
  expect(await saveForm(db, other)).toMatchObject({ record: other.id });
  expect((await db.getAll("writes")).map(({ wire }) => wire.set["hamlet"])).toEqual(["b"]);
});

it("F-42: a form that was left is found again over the record that stands for its own", async () => {
  const db = await made();
  const { id } = await opened(db, "old");
  await refuse(db, "old");
  const correction = await opened(db, "old", { note: "đúng" });
  await changeDraft(db, id, (held) => ({ ...held, now: { ...held.now, hamlet: "Tạ Thượng" } }));
  const { record } = await saveForm(db, correction);
  expect(await allDrafts(db)).toMatchObject([{ id, record, now: { hamlet: "Tạ Thượng" } }]);
  const row = await db.get("records", record);
  expect(row && (await beginEdit(db, row))).toBe(id);
  const again = await draftOf(db, id);
  const { said } = again ? await saveForm(db, again) : {};
  expect(said).toEqual({ set: { hamlet: "Tạ Thượng" }, seen: [record] });
});

it("F-42, P-28: a form for which there was no room is found again once its record was discarded", async () => {
  newPage();
  const db = await made();
  const form = { ...(await opened(db, "old", { hamlet: "Tạ Thượng" })), untouched: false };
  await db.delete("drafts", form.id);
  keepUnplaced(db, form);
  await refuse(db, "old");
  await discardRefused(db, "old");
  expect(await changeDraft(db, form.id, (held) => held)).toBe(true);
  expect(await db.get("drafts", form.id)).toMatchObject({ now: { hamlet: "Tạ Thượng" } });
  const found = await draftOf(db, form.id);
  expect(found && (await saveForm(db, found))).toMatchObject({ record: form.id });
  forgetAllUnplaced(db);
});

it("F-42: an act of one tap is one on what stands for its record, and none where that was discarded", async () => {
  const db = await made();
  const on = { ...ON, record: "old" };
  const heir = await corrected(db, "old", { note: "đúng" });
  await saveAct(db, on, { set: { deleted: true }, seen: ["old"] });
  expect((await writesOf(db, heir)).at(-1)).not.toHaveProperty("seen");
  expect(await db.get("records", heir)).toMatchObject({ view: { marks: ["edited_while_deleted"] } });
  await refuse(db, heir);
  await discardRefused(db, heir);
  await saveAct(db, on, { set: { deleted: true }, seen: ["old"] });
  expect([await db.getAll("writes"), await db.getAll("records")]).toEqual([[], []]);
});

it("F-42, X-31: a record whose creation was lost is let go of with the last of its changes", async () => {
  const lost = ownWrite("e", { note: "b" }, { record: "r", state: "refused", code: "create_lost" });
  const waits = ownWrite("f", { note: "c" }, { record: "r", code: "create_missing" });
  const db = await phone({ records: [{ record: "r" }], writes: [lost, waits], meta: { catalog: CATALOG } });
  const form = { ...(await opened(db, "r", { hamlet: "Tạ Hạ" })), record: "r", replaces: undefined };
  await discardRefused(db, "r");
  expect(await writesOf(db, "r")).toMatchObject([{ id: "f" }]);
  const held = await db.get("writes", "f", "id");
  if (held) await db.put("writes", { ...held, state: "refused", code: "create_lost" });
  await discardRefused(db, "r");
  expect(await meta(db, "let_go")).toEqual({ r: "" });
  const { replaces: _r, ...edit } = form;
  expect(await saveForm(db, edit)).toMatchObject({ record: form.id });
});

it("F-42, X-31: what the server holds again stays, and so does a question that waits", async () => {
  const lost = ownWrite("e", { note: "b" }, { record: "r", state: "refused", code: "create_lost" });
  const base = { note: [{ id: "r", at: 1, by: "", value: "a" }] };
  const db = await phone({
    records: [{ record: "r", base: base as never }, { record: "s" }],
    writes: [lost, { ...lost, id: "f", record: "s" }],
    meta: { catalog: CATALOG },
  });
  await keepMessage(db, "s", "Có cần chụp thêm?");
  await discardRefused(db, "r");
  expect(await meta(db, "let_go")).toBeUndefined();
  await discardRefused(db, "s");
  expect(await meta(db, "let_go")).toEqual({ s: "" });
  expect((await db.getAll("records")).map(({ record }) => record)).toEqual(["r"]);
  expect(await ownMessages(db, "s")).toMatchObject([{ state: "pending" }]);
});
