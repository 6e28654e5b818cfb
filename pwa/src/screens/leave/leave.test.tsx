// @vitest-environment happy-dom
// Leaving a phone: an answer to a return that waits holds its officer back, and goes into the file to hand in (SPEC X-47, D-13).
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../../core/draft";
import { CATALOG, fill, phone } from "../../db/phone.testing";
import type { Db } from "../../db/schema";
import { t } from "../../i18n/text";
import { rescueFiles, unsent, unsentRecords } from "../../officers/rescue";
import { captureOf } from "../../outbox/captures";
import { keepReply, waitingReplies } from "../../outbox/replies";
import { allDrafts, keepUnplaced } from "../../outbox/save";
import { keepSeal } from "../../outbox/seals";
import { unfinished } from "../../photos/unfinished";
import { allUnkept, keepUnkept } from "../../photos/unkept";
import { Caches, Locks } from "../../platform/browser.testing";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { LeaveScreen } from ".";

const KEY = "A".repeat(43);
const SESSION = {
  officer: "o",
  token: "t",
  device: "d",
  rescue_key: KEY,
  database: "",
  ended: false,
  turn: 1,
};
let db: Db;

beforeEach(async () => {
  vi.stubGlobal("navigator", { onLine: true, userAgent: "test", locks: new Locks() });
  Object.assign(globalThis, { caches: new Caches() });
  db = await phone({ meta: { catalog: CATALOG } });
});
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

async function shown(): Promise<string> {
  const app = { db, session: SESSION, catalog: CATALOG, left: [], cursors: [], made: {} } as unknown as App;
  render(
    <AppContext.Provider value={app}>
      <LeaveScreen />
    </AppContext.Provider>,
    document.body,
  );
  await until(() => expect(document.body.textContent).toContain(t("rescue_make")));
  return document.body.textContent ?? "";
}

it("an answer that waits: nothing may be cleared, and a file may be made of it alone", async () => {
  await fill(db, { records: [{ record: "r", base: { note: [{ id: "r", at: 1, by: "", value: "x" }] } }] });
  await keepReply(db, "r", "decision", "Đã treo lại");
  expect(unsentRecords(await unsent(db))).toBe(1);
  const text = await shown();
  expect(text).toContain(t("leave_unsent"));
  expect(text).not.toContain(t("leave_clear"));
});

it("R-1: words that were refused are on this phone alone as well, figures that were not taken are the server's", async () => {
  await keepReply(db, "r", "decision", "Đã treo lại");
  await keepSeal(db, { unit: "u", campaign: "c", shown: {}, empty: true });
  for (const row of await db.getAll("entries"))
    await db.put("entries", { ...row, state: "refused", code: "x" });
  expect((await unsent(db)).entries).toMatchObject([{ wire: { reply: { text: "Đã treo lại" } } }]);
});

function press(text: string): void {
  const found = [...document.querySelectorAll("button")].find((one) => one.textContent?.startsWith(text));
  if (!found) throw new Error(`no button ${text}`);
  found.click();
}

it("P-28: what only this page has is in the question; whoever leaves all the same holds the page no more", async () => {
  const form = {
    id: "f",
    record: "f",
    kind: "banner",
    unit: "u",
    campaign: "c",
    corrects: [],
    drawn: NOTHING,
  };
  const typed = { ...form, now: { note: "x" } };
  const picture = new Blob(["jpeg"], { type: "image/jpeg" });
  keepUnplaced(db, typed);
  keepUnkept({
    database: db.name,
    row: captureOf(typed, picture, { is: "photo", source: "camera" }),
    picture,
  });
  const { drafts, captures } = await unfinished(db);
  expect([drafts.length, captures.length]).toEqual([1, 1]);
  const text = await shown();
  expect(text).toContain("rescue_unfinished");
  const anew = vi.fn();
  vi.stubGlobal("location", { hash: "", replace: anew, reload: anew, pathname: "/app/" });
  press("leave_clear");
  await until(() => expect(document.body.textContent).toContain("leave_question"));
  expect(allUnkept(db)).toHaveLength(1);
  document.querySelector<HTMLButtonElement>("dialog .danger")?.click();
  await until(() => expect(anew).toHaveBeenCalledOnce());
  expect([allUnkept(db), await allDrafts(db).catch(() => [])]).toEqual([[], []]);
});

/** What stands in the first block of a file. */
async function firstBlock(file: File): Promise<unknown[]> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const start = 15 + view.getUint32(11);
  const header = JSON.parse(new TextDecoder().decode(bytes.slice(15, start)));
  const raw = (text: string) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const nonce = new Uint8Array([...raw(`${header.iv}=`), 0, 0, 0, 0]);
  const additional = new Uint8Array([...bytes.slice(0, start), bytes[start] ?? 0]);
  const key = await crypto.subtle.importKey("raw", raw(`${KEY}=`), "AES-GCM", false, ["decrypt"]);
  const sealed = bytes.slice(start + 5, start + 5 + view.getUint32(start + 1));
  const plain = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: nonce, additionalData: additional },
    key,
    sealed,
  );
  return JSON.parse(new TextDecoder().decode(plain));
}

it("X-47: the file has the answer between writes and drafts, under the id that the phone would send it with", async () => {
  await keepReply(db, "r", "decision", "Đã treo lại");
  const held = await unsent(db);
  const [file] = await rescueFiles(db, SESSION, held, { entries: [{ draft: {} }], files: [] }, () => "a.loa");
  const [own] = await waitingReplies(db);
  expect(file && (await firstBlock(file))).toEqual([
    { reply: { id: own?.id, ...own?.wire.reply } },
    { draft: {} },
  ]);
});
