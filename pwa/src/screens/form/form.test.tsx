// @vitest-environment happy-dom
// A form as it is typed, on a phone's database: what stands on the disk after each key and tap.
import { readFileSync } from "node:fs";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../../core/draft";
import type { Kind } from "../../core/kind";
import type { Values } from "../../core/record";
import { CATALOG, fill, noRoomWhile, phone, refuse } from "../../db/phone.testing";
import type { Db, DraftRow } from "../../db/schema";
import { captureOf } from "../../outbox/captures";
import { changeDraft } from "../../outbox/drafts";
import { discardRefused } from "../../outbox/refused";
import { allDrafts, forgetAllUnplaced } from "../../outbox/save";
import { unfinished } from "../../photos/unfinished";
import { forgetUnkept, keepUnkept, unkeptOf } from "../../photos/unkept";
import { Caches, Locks } from "../../platform/browser.testing";
import { changed } from "../../platform/changed";
import { whenLetGo } from "../../platform/page";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { Form } from "./form";

const BROADCAST: Kind = JSON.parse(readFileSync("../sync/kinds/broadcast.json", "utf8"));
const CAMPAIGN = { starts_on: "2021-07-01", ends_on: "2021-09-30" };
const LINE = { catalog: { ...CATALOG, kinds: [BROADCAST] } };
const SCHEDULE = { from: "2021-08-01", to: "2021-08-03", times_a_day: 2 };
const FORM: DraftRow = {
  ...{ id: "form", record: "form", kind: "broadcast", unit: "u", campaign: "c", corrects: [] },
  ...{
    drawn: NOTHING,
    now: { script: "Bài 1", minutes: 5, programme: "own", standing: true, schedule: SCHEDULE },
  },
};
let db: Db;

beforeEach(async () => {
  vi.stubGlobal("navigator", { onLine: true, userAgent: "test", locks: new Locks() });
  // Stays: what the screen asked last is answered after it is gone.
  Object.assign(globalThis, { caches: new Caches() });
  db = await phone({ drafts: [FORM], meta: LINE });
  location.hash = "#/form/form";
});

afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

async function show(kind = BROADCAST, on = db): Promise<void> {
  const campaign = { ...CATALOG.campaigns[0], ...CAMPAIGN };
  const app = {
    db: on,
    catalog: { ...LINE.catalog, campaigns: [campaign] },
    here: "c",
    campaign,
  } as unknown as App;
  const session = { unit: CATALOG.units[0], left: [], made: {}, cursors: [], session: {} };
  const draft = (await db.get("drafts", "form")) ?? FORM;
  const form = <Form draft={draft} kind={kind} resumed={false} waiting={true} />;
  await act(() =>
    render(
      <AppContext.Provider value={{ ...app, ...session } as unknown as App}>{form}</AppContext.Provider>,
      document.body,
    ),
  );
}

function input(selector: string, nth = 0): HTMLInputElement {
  const found = document.querySelectorAll<HTMLInputElement>(selector)[nth];
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

/** Text after text, as keys make them. */
async function type(found: () => HTMLInputElement, ...texts: string[]): Promise<void> {
  await act(() => void found().dispatchEvent(new Event("focus")));
  for (const text of texts)
    await act(() => {
      found().value = text;
      found().dispatchEvent(new Event("input", { bubbles: true }));
    });
}

async function choose(nth: number, value: string): Promise<void> {
  const found = document.querySelectorAll<HTMLSelectElement>(".day-counts select")[nth];
  if (!found) throw new Error("no such day");
  await act(() => {
    found.value = value;
    found.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function button(text: string): HTMLButtonElement {
  const found = [...document.querySelectorAll("button")].find((one) => one.textContent?.includes(text));
  if (!found) throw new Error(`no button ${text}`);
  return found;
}

async function save(): Promise<void> {
  await act(() => void input("form").dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
}

async function onDisk(): Promise<Values> {
  return (await db.get("drafts", "form"))?.now ?? {};
}

const times = () => input("#f-schedule-times");
const lastDay = () => input('[data-field="schedule"] input', 1);

// F-23: 1 August as planned, 2 August not aired, 3 August as planned.
async function answered(): Promise<void> {
  await show();
  await act(() => button("aired_all").click());
  await choose(1, "0");
  const days = { "aired/20210801": 2, "aired/20210802": 0, "aired/20210803": 2 };
  await until(async () => expect(await onDisk()).toMatchObject(days));
}

it.each([
  ["the field is emptied in between", ["", "3"]],
  ["a text that is no number comes in between", ["2 lần", "3"]],
  ["another number comes in between", ["1", "", "3"]],
])("F-23: a day that was not aired stays so where %s", async (_, texts) => {
  await answered();
  await type(times, ...texts);
  const days = { "aired/20210801": 3, "aired/20210802": 0, "aired/20210803": 3 };
  await until(async () => expect(await onDisk()).toMatchObject(days));
});

it("F-23: a day said by itself is not as planned, though the number is the same", async () => {
  await answered();
  await choose(0, "1");
  await choose(0, "2");
  await type(times, "3");
  const days = { "aired/20210801": 2, "aired/20210802": 0, "aired/20210803": 3 };
  await until(async () => expect(await onDisk()).toMatchObject(days));
});

it("F-23: a date that is typed anew leaves the answers; those of no day go when it is saved", async () => {
  await answered();
  const { schedule: _, ...before } = await onDisk();
  await type(lastDay, "03/08/202", "03/08/20", "03/08/2", "03/08/2021");
  await until(async () => expect(await onDisk()).toEqual({ ...before, schedule: SCHEDULE }));
  await type(lastDay, "02/08/2021");
  await save();
  await until(async () => expect(await db.getAll("writes")).toHaveLength(1));
  const [write] = await db.getAll("writes");
  const aired = Object.entries(write?.wire.set ?? {}).filter(([name]) => name.startsWith("aired/"));
  expect(Object.fromEntries(aired)).toEqual({ "aired/20210801": 2, "aired/20210802": 0 });
});

it("one tap is one transaction: half of it is never on the disk", async () => {
  await show();
  const transaction = vi.spyOn(IDBDatabase.prototype, "transaction");
  await act(() => button("aired_all").click());
  await until(async () => expect(await onDisk()).toMatchObject({ "aired/20210803": 2 }));
  expect(transaction.mock.calls.filter(([, mode]) => mode === "readwrite")).toHaveLength(1);
});

it("what found no room goes to the disk with the next change, or once there is room", async () => {
  await show();
  let full = true;
  noRoomWhile(() => full);
  const refused = vi.spyOn(IDBObjectStore.prototype, "put");
  const tries = () => refused.mock.calls.filter(([row]) => row.id === "form").length;
  await type(() => input("#f-minutes"), "7");
  await until(() => expect(tries()).toBe(1));
  full = false;
  await type(() => input("#f-script"), "Bài 2");
  await until(async () => expect(await onDisk()).toMatchObject({ minutes: 7, script: "Bài 2" }));
  full = true;
  await type(() => input("#f-minutes"), "8");
  await until(() => expect(tries()).toBe(3));
  // It is kept in the page by then.
  await until(async () => expect((await allDrafts(db))[0]?.now).toMatchObject({ minutes: 8 }));
  expect(await onDisk()).toMatchObject({ minutes: 7 });
  full = false;
  changed();
  await until(async () => expect(await onDisk()).toMatchObject({ minutes: 8, script: "Bài 2" }));
});

it("F-20: the marker of an older server's catalogue is no box to tick", async () => {
  const fields = BROADCAST.fields.map((field) =>
    field.name === "standing" ? { ...field, retired: false } : field,
  );
  await show({ ...BROADCAST, fields });
  expect(document.querySelector('[data-field="schedule"]')).not.toBeNull();
  expect(document.querySelector('[data-field="standing"]')).toBeNull();
});

it("P-28: what is typed without room waits for it, holds the page, and is in the file and in the form that is opened again", async () => {
  await show();
  noRoomWhile(() => true);
  await type(() => input("#f-note"), "một", "một hai").catch(() => undefined);
  await until(async () => expect((await allDrafts(db))[0]?.now["note"]).toBe("một hai"));
  expect(await onDisk()).not.toHaveProperty("note");
  const anew = vi.fn();
  whenLetGo(anew);
  await act(() => render(null, document.body));
  expect((await unfinished(db)).drafts[0]?.now["note"]).toBe("một hai");
  expect(anew).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  await changeDraft(db, "form", (held) => held);
  expect((await onDisk())["note"]).toBe("một hai");
  expect(anew).toHaveBeenCalledOnce();
  forgetAllUnplaced(db);
});

it("P-25: a change for which room had to be made first does not undo one that was typed since", async () => {
  await show();
  const { put } = IDBObjectStore.prototype;
  let full = true;
  // Room is made for the first: it is stored behind the second.
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...row) {
    if (!(full && this.name === "drafts")) return put.apply(this, row);
    full = false;
    return refuse(this);
  });
  await fill(db, {
    uploads: [
      {
        sha256: "old",
        record: "r",
        field: "photos/x",
        role: "full",
        state: "verified",
        size_bytes: 1,
        verified_at: 1,
      },
    ],
    bytes: { old: new ArrayBuffer(1) },
  });
  full = true;
  await act(() => void input("#f-note").dispatchEvent(new Event("focus")));
  await act(() => {
    for (const value of ["một", "một hai"]) {
      input("#f-note").value = value;
      input("#f-note").dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  await until(async () => expect(await db.getAllKeys("bytes")).toEqual([]));
  await act(() => new Promise((done) => setTimeout(done, 50)));
  expect((await onDisk())["note"]).toBe("một hai");
});

it("P-25: a form is not saved without a photo for which there is no room, until that is in a file", async () => {
  await answered();
  const picture = new Blob(["x"]);
  const row = captureOf(FORM, picture, { is: "photo", source: "camera" });
  keepUnkept({ database: db.name, row, picture });
  await save();
  await until(() => expect(input("button[type=submit]").disabled).toBe(false));
  expect([(await db.getAll("writes")).length, unkeptOf("form").length]).toEqual([0, 1]);
  keepUnkept({ database: db.name, row, picture, given: true });
  await save();
  await until(async () => expect(await db.getAll("writes")).toHaveLength(1));
  forgetUnkept(...unkeptOf("form"));
});

it("F-28: checks that fail find nothing: the form is saved", async () => {
  await answered();
  const { getAll } = IDBIndex.prototype;
  vi.spyOn(IDBIndex.prototype, "getAll").mockImplementation(function (this: IDBIndex, ...asked) {
    if (this.name === "stream") throw new DOMException("cannot read", "UnknownError");
    return getAll.apply(this, asked);
  });
  await save();
  await until(async () => expect(await db.getAll("writes")).toHaveLength(1));
});

it("F-42: what stands on the screen is saved when its record was discarded in another window meanwhile", async () => {
  const set = { ...FORM.now, submitted: true };
  const wire = { id: "old", at: 1, record: "old", kind: "broadcast", unit: "u", campaign: "c", set };
  const on = { record: "old", kind: "broadcast", unit: "u", campaign: "c", stream: "u c" };
  await fill(db, {
    records: [on],
    writes: [{ ...on, id: "old", wire, state: "refused", code: "archived" }],
    drafts: [{ ...FORM, record: "old", now: set, drawn: { ...NOTHING, values: set, submitted: true } }],
  });
  await show();
  await type(() => input('[data-field="minutes"] input'), "7");
  await discardRefused(db, "old");
  await save();
  await until(async () => expect(await db.getAll("writes")).toMatchObject([{ id: "form", record: "form" }]));
  const [only] = await db.getAll("writes");
  expect(only?.wire).toMatchObject({
    kind: "broadcast",
    set: { script: "Bài 1", minutes: 7, submitted: true },
  });
  expect(await db.getAll("drafts")).toEqual([]);
});
