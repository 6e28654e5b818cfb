// @vitest-environment happy-dom
// The list of PDF files, drawn as a page draws it.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import type { Values } from "../core/record";
import { fill, KIND, phone } from "../db/phone.testing";
import type { Db, DraftRow } from "../db/schema";
import { type About, capture } from "../outbox/captures";
import { laidAs, layIntoInbox } from "../photos/inbox";
import { claimInbox, trayPdfs } from "../photos/tray";
import { Caches, Locks } from "../platform/browser.testing";
import { serve } from "../platform/server.testing";
import { until } from "../platform/until.testing";
import { type App, AppContext } from "../ui/app-context";
import { Documents } from "./documents";
import { added } from "./form/adding";
import type { KeepPhoto } from "./form/use-draft";

const PDF = { sha256: "0".repeat(64), size_bytes: 1500, name: "Kế hoạch.pdf", added_at: 1 };
const HELD = { "documents/0000000000000000": PDF };
let db: Db;
let kept: string[];
/** The names of the files of the tray that were noted as taken. */
let taken: string[];
/** What the form that is drawn holds by now. */
let latest: { current: DraftRow };

/** Its script does not come: the page reads. */
class NoWorker {
  onerror = () => undefined;
  constructor() {
    queueMicrotask(() => this.onerror());
  }
  terminate() {
    return undefined;
  }
}

beforeEach(async () => {
  db = await phone();
  kept = [];
  taken = [];
  vi.stubGlobal("navigator", { onLine: true, userAgent: "test", locks: new Locks() });
  // Not a stub that is taken away: a list that was drawn may be reading it when its test ends.
  Object.assign(globalThis, { caches: new Caches() });
  vi.stubGlobal("Worker", NoWorker);
});
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function draw(form?: { readonly max: number }, held: Values = HELD): readonly string[] {
  const app = { db, session: { token: "t" } } as unknown as App;
  const row = { id: "r", record: "r", kind: KIND.kind, now: held, drawn: NOTHING } as unknown as DraftRow;
  latest = { current: row };
  const takes = form && { ...KIND, ...(form.max > 0 && { documents: form }) };
  void fill(db, { drafts: [row], meta: { catalog: { kinds: [takes ?? KIND] } } });
  const keepPhoto: KeepPhoto = ({ register: [field, value] }, { file } = {}) => {
    kept.push(field);
    if (file) taken.push(laidAs(file).pdf ?? "");
    latest.current = { ...latest.current, now: { ...latest.current.now, [field]: value } };
    return Promise.resolve(true);
  };
  const set = () => undefined;
  const keepFile = (file: Blob, about: About) => capture(db, latest.current, file, about);
  const refresh = async () => {
    const now = (await db.get("drafts", "r"))?.now ?? {};
    kept.push(...Object.keys(now).filter((name) => !(name in latest.current.now)));
    latest.current = { ...latest.current, now };
  };
  render(
    <AppContext.Provider value={app}>
      <Documents
        kind={takes}
        record="r"
        held={held}
        {...(form && { form: { latest, set, keepPhoto, keepFile, refresh } })}
      />
    </AppContext.Provider>,
    document.body,
  );
  return [...document.querySelectorAll("button, input")].map(
    (one) => one.getAttribute("aria-label") ?? one.getAttribute("type") ?? "",
  );
}

it("S-11: a record's PDFs are shown whatever is known of its kind", () => {
  expect(draw()).toEqual(["document_open"]);
  expect(draw(undefined, {})).toEqual([]);
});

it("S-13: only a kind that takes PDFs is offered any, up to its number", () => {
  expect(draw({ max: 2 }, {})).toEqual(["file"]);
  expect(draw({ max: 2 })).toEqual(["document_open", "document_remove", "file"]);
  expect(draw({ max: 1 })).toEqual(["document_open", "document_remove"]);
  expect(draw({ max: 0 })).toEqual(["document_open", "document_remove"]);
});

it("H-3: a form says beside a PDF why the server did not take it", async () => {
  const upload = { sha256: PDF.sha256, record: "r", role: "full", field: Object.keys(HELD)[0] };
  await fill(db, { uploads: [{ ...upload, state: "refused", code: "document_active" }] });
  const marks = () => [...document.querySelectorAll(".mark")].map((one) => one.textContent);
  draw({ max: 2 });
  await until(() => expect(marks()).toEqual(["document_active"]));
});

it("P-19: one that is being fetched is not asked for twice, and is given to no screen that was left", async () => {
  let answer: (response: Response) => void = () => undefined;
  const asked = serve(() => new Promise((resolve) => (answer = resolve)));
  const given = vi.spyOn(URL, "createObjectURL");
  draw();
  const row = document.querySelector("button");
  row?.click();
  await until(() => expect([row?.disabled, ...said("status")]).toEqual([true, "document_reading"]));
  await until(() => expect(asked).toHaveLength(1));
  render(null, document.body);
  answer(new Response("bytes"));
  // Its turn is over, and what comes of it.
  await navigator.locks.request("loa-document", () => undefined);
  await new Promise((resolve) => setTimeout(resolve));
  expect(given).not.toHaveBeenCalled();
});

function pdf(text: string): File {
  return new File([`%PDF-1.4 ${text}\nstartxref\n9\n%%EOF\n`], `${text}.pdf`);
}

/** Chosen together. */
async function choose(...texts: string[]): Promise<void> {
  const files = texts.map(pdf);
  const chooser = document.querySelector("input");
  Object.defineProperty(chooser, "files", { value: files });
  chooser?.dispatchEvent(new Event("change", { bubbles: true }));
  await added("r");
}

function said(role: string): string[] {
  return [...document.querySelectorAll(`[role=${role}]`)].map((one) => one.textContent ?? "");
}

/** Nothing is read until what this returns is called. */
function busyPhone(): () => void {
  let free: () => void = () => undefined;
  const wait = new Promise<void>((resolve) => {
    free = resolve;
  });
  void navigator.locks.request("loa-photo", () => wait);
  return free;
}

it("S-13: the same PDF again keeps what is there, and says so", async () => {
  draw({ max: 5 }, {});
  const read = busyPhone();
  const all = choose("a", "a", "b");
  await until(() => expect(said("status")).toEqual(["document_reading"]));
  read();
  await all;
  expect(kept).toHaveLength(2);
  expect(new Set(kept).size).toBe(2);
  await until(() => expect([said("alert"), said("status")]).toEqual([["a.pdf: document_twice"], []]));
});

it("S-13: those on their way count", async () => {
  draw({ max: 2 }, {});
  const read = busyPhone();
  const all = choose("a", "b");
  await until(() => expect(document.querySelector("input")).toBeNull());
  read();
  await all;
  expect(kept).toHaveLength(2);
});

/** Another app handed them over. */
async function came(...files: File[]): Promise<void> {
  await layIntoInbox(files, "forwarded");
  await claimInbox(db);
}

function button(name: string): HTMLButtonElement | undefined {
  return [...document.querySelectorAll("button")].find((one) => one.textContent === name);
}

async function names(): Promise<(string | undefined)[]> {
  return (await trayPdfs(db)).map((key) => laidAs(key).pdf);
}

it("PDFs of another app are attached by one tap, and are offered no more", async () => {
  await came(pdf("a"), pdf("b"));
  draw({ max: 5 }, {});
  await until(() => expect(button("inbox_pdfs_take")).toBeDefined());
  button("inbox_pdfs_take")?.click();
  await until(() => expect(taken).toEqual(["a.pdf", "b.pdf"]));
  await until(async () => expect(await names()).toEqual([]));
  expect(new Set(kept).size).toBe(2);
});

it("a form that takes none says that some came, and leads to where they are", async () => {
  await came(pdf("a"));
  expect(draw({ max: 0 }, {})).toEqual([]);
  await until(() => expect(document.querySelector("a")?.getAttribute("href")).toBe("#/documents"));
});

it("P-18: one that cannot be taken in is named and let go; one that finds no place waits for another form", async () => {
  await came(new File(["PK a table"], "Danh sách.pdf"), pdf("a"), pdf("b"));
  draw({ max: 2 });
  await until(() => expect(button("inbox_pdfs_take")).toBeDefined());
  button("inbox_pdfs_take")?.click();
  await until(() => expect(said("alert")).toEqual(["Danh sách.pdf: document_not_pdf"]));
  await until(async () => expect(await names()).toEqual(["a.pdf", "b.pdf"]));
  draw({ max: 1 });
  await until(() => expect(button("inbox_pdfs_take")).toBeUndefined());
  expect(button("inbox_pdfs_leave")).toBeDefined();
  expect(kept).toEqual([]);
});

it("S-13: one that finds its place taken meanwhile stays, for another record", async () => {
  await came(pdf("a"));
  draw({ max: 1 }, {});
  await until(() => expect(button("inbox_pdfs_take")).toBeDefined());
  const read = busyPhone();
  button("inbox_pdfs_take")?.click();
  await until(() => expect(said("status")).toEqual(["document_reading"]));
  latest.current = { ...latest.current, now: HELD };
  read();
  await until(() => expect(said("alert")).toEqual(["a.pdf: documents_most"]));
  expect(await names()).toEqual(["a.pdf"]);
});
