// @vitest-environment happy-dom
// what an officer said about records and the server does not have is on this screen, whatever became of its record.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../../core/draft";
import { CATALOG, ownWrite, phone } from "../../db/phone.testing";
import { type Db, meta } from "../../db/schema";
import { unsent, unsentRecords } from "../../officers/rescue";
import { lostCaptures } from "../../outbox/captures";
import { keepMessage } from "../../outbox/messages";
import { discardRefused } from "../../outbox/refused";
import { keepReply } from "../../outbox/replies";
import { allDrafts } from "../../outbox/save";
import { keepSeal } from "../../outbox/seals";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { Refusal } from "./refusal";
import { WordsLeft } from "./words";

const RETURN = { id: "d", verdict: "returned", reason: "mờ", fields: [], by: "", at: 1, amended: false };
const NOTE = {
  note: [{ id: "r", at: 1, by: "", value: "x" }],
  submitted: [{ id: "r", at: 1, by: "", value: true }],
};
const LOST = ownWrite("e", { note: "y" }, { record: "r", state: "refused", code: "create_lost" });
const REFUSED = ownWrite("r", { note: "x" }, { state: "refused", code: "archived" });
const writeText = vi.fn(async () => undefined);

beforeEach(() => vi.stubGlobal("navigator", { onLine: true, userAgent: "test", clipboard: { writeText } }));
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
  writeText.mockClear();
});

function show(db: Db, record = "r"): void {
  const [campaign, unit] = [CATALOG.campaigns[0], CATALOG.units[0]];
  const app = { db, catalog: CATALOG, campaign, here: "c", unit, left: [], cursors: [], made: {} };
  render(
    <AppContext.Provider value={app as unknown as App}>
      <WordsLeft />
      <Refusal record={record} onCorrect={() => undefined} />
    </AppContext.Provider>,
    document.body,
  );
}

function press(label: string): void {
  const found = [...document.querySelectorAll("button")].find((one) => one.textContent === label);
  if (!found) throw new Error(`no button ${label}`);
  found.click();
}

const shown = (text: string) => until(() => expect(document.body.textContent).toContain(text));
const gone = (text: string) => until(() => expect(document.body.textContent).not.toContain(text));
const buttons = () => [...document.querySelectorAll("section button")].map((one) => one.textContent);

it("X-67: words about a record that is here lead to it, and are changed there", async () => {
  const db = await phone({
    records: [{ record: "r", base: NOTE, decision: RETURN }],
    meta: { catalog: CATALOG },
  });
  await keepMessage(db, "r", "Có cần chụp thêm?");
  await keepReply(db, "r", "d", "Đã treo lại");
  show(db);
  await shown("Đã treo lại");
  await shown("Có cần chụp thêm?");
  expect([...document.querySelectorAll("a")].map((one) => one.getAttribute("href"))).toEqual([
    "#/record/r",
    "#/record/r",
  ]);
  expect(buttons()).toEqual([]);
});

it.each([
  ["creation was lost", LOST, "pending", "reply_waits"],
  ["creation was refused", REFUSED, "refused", "record_let_go"],
])(
  "X-67: a record whose %s is discarded, and what was said about it stays until that is discarded",
  async (_, write, state, mark) => {
    const db = await phone({ records: [{ record: "r" }], writes: [write], meta: { catalog: CATALOG } });
    await keepMessage(db, "r", "Có cần chụp thêm?");
    show(db);
    // Before it is discarded the question says what becomes of the words.
    await until(() => press("discard"));
    await shown("discard_question discard_but_words");
    document.querySelector<HTMLButtonElement>("dialog .danger")?.click();
    await shown("words_loose");
    await shown(mark);
    expect([await db.getAll("writes"), await db.getAll("records")]).toEqual([[], []]);
    expect(await db.getAll("entries")).toMatchObject([{ state }]);
    expect(unsentRecords(await unsent(db))).toBe(1);
    press("summary_copy");
    expect(writeText).toHaveBeenCalledWith("Có cần chụp thêm?");
    press("words_discard");
    await shown("words_discard_question");
    document.querySelector<HTMLButtonElement>("dialog .danger")?.click();
    await gone("Có cần chụp thêm?");
    expect(await db.getAll("entries")).toEqual([]);
    expect(unsentRecords(await unsent(db))).toBe(0);
  },
);

it("X-67: also what the server has been sent and does not take is discarded, and what it has is not", async () => {
  const db = await phone({ meta: { catalog: CATALOG } });
  await keepMessage(db, "r", "Có cần chụp thêm?");
  const [sent] = await db.getAll("entries");
  if (sent) await db.put("entries", { ...sent, sent: true });
  show(db);
  await until(() => press("words_discard"));
  await shown("words_discard_question");
  if (sent) await db.put("entries", { ...sent, state: "stored" });
  document.querySelector<HTMLButtonElement>("dialog .danger")?.click();
  await gone("Có cần chụp thêm?");
  expect(await db.getAll("entries")).toMatchObject([{ state: "stored" }]);
});

it.each([
  ["was answered by somebody else", { ...RETURN, reply: { id: "x", text: "x", by: "Ba", at: 2 } }],
  ["gave way to another decision", { ...RETURN, id: "later" }],
  ["was withdrawn", null],
])("X-67: an answer to a return that %s stands here", async (_, decision) => {
  const db = await phone({ records: [{ record: "r", base: NOTE, decision }], meta: { catalog: CATALOG } });
  await keepReply(db, "r", "d", "Đã treo lại");
  show(db);
  await shown("Đã treo lại");
  expect(buttons()).toEqual(["summary_copy", "words_discard"]);
});

it("X-67: figures that were confirmed for a unit or campaign that is not here any more are discarded here", async () => {
  const db = await phone({ meta: { catalog: CATALOG } });
  await keepSeal(db, { unit: "u", campaign: "c", shown: {}, empty: true });
  await keepSeal(db, { unit: "u", campaign: "left", shown: {}, empty: true });
  show(db);
  await shown("words_seal");
  // Questions and answers there are none.
  expect([...document.querySelectorAll("h2")].map((one) => one.textContent)).toEqual(["words_seals_left"]);
  expect(buttons()).toEqual(["words_seal_discard"]);
  press("words_seal_discard");
  await shown("words_discard_question");
  document.querySelector<HTMLButtonElement>("dialog .danger")?.click();
  await gone("words_seal");
  expect((await db.getAll("entries")).map(({ wire }) => wire)).toMatchObject([{ seal: { campaign: "c" } }]);
});

it.each([
  ["lost", LOST],
  ["refused", REFUSED],
])(
  "X-67: of a discarded record whose creation was %s nothing else is left but forms, which are on home",
  async (_, write) => {
    const file = { record: "r", stream: "u c", size_bytes: 1, sent_bytes: 0, state: "waiting" };
    const form = {
      kind: "banner",
      unit: "u",
      campaign: "c",
      corrects: [],
      drawn: NOTHING,
      now: { note: "z" },
    };
    const db = await phone({
      records: [{ record: "r" }],
      writes: [{ ...write, wire: { ...write.wire, set: { note: "x", "photos/a": { sha256: "a" } } } }],
      uploads: [
        { ...file, sha256: "a", field: "photos/a", role: "full" },
        { ...file, sha256: "t", field: "photos/a", role: "thumb" },
        { ...file, sha256: "p", field: "documents/p", role: "full" },
      ],
      histories: [{ record: "r", lines: [], more: false, told_at: 1 }],
      drafts: [{ ...form, id: "form", record: "r" }],
      captures: [
        { id: "of form", draft: "form", over: "r" },
        { id: "of none", draft: "swept", over: "r" },
      ],
      meta: { catalog: CATALOG },
    });
    await discardRefused(db, "r");
    for (const store of ["writes", "records", "uploads", "words", "histories"] as const)
      expect(await db.getAllKeys(store)).toEqual([]);
    // F-42: the form goes on as one of its own, with its shot, and home has the shot whose form is gone.
    expect(await allDrafts(db)).toMatchObject([{ id: "form", record: "form", now: { note: "z" } }]);
    expect((await lostCaptures(db)).map(({ id }) => id)).toEqual(["of none"]);
    expect(await meta(db, "let_go")).toEqual({ r: "" });
  },
);
