// @vitest-environment happy-dom
// Photos that come into a form on a phone that is in need: none goes without a word, or is kept nowhere.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../../core/draft";
import { CATALOG, KIND, noRoomWhile, phone } from "../../db/phone.testing";
import type { Db, DraftRow } from "../../db/schema";
import { changeUnkept, unkeptOf } from "../../photos/unkept";
import { Caches, Locks } from "../../platform/stand-ins.testing";
import { type App, AppContext } from "../../ui/app-context";
import { useNotice } from "../../ui/notice";
import { Form } from "./form";

const DRAFT: DraftRow = {
  ...{ id: "form", record: "form", kind: "banner", unit: "u", campaign: "c", corrects: [], drawn: NOTHING },
  now: {},
};
const WHOLE = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0x00, 0xff, 0xd9);
let db: Db;

beforeEach(async () => {
  db = await phone({ drafts: [DRAFT], meta: { catalog: CATALOG } });
  vi.stubGlobal("navigator", { onLine: true, userAgent: "test", locks: new Locks() });
  // It stays: what was asked of it ends after the form.
  Object.assign(globalThis, { caches: new Caches() });
  // The page draws itself.
  vi.stubGlobal("OffscreenCanvas", undefined);
  location.hash = "#/form/form";
  const app = { db, catalog: CATALOG, here: "c", campaign: CATALOG.campaigns[0], unit: CATALOG.units[0] };
  render(
    <AppContext.Provider value={{ ...app, left: [], made: {}, cursors: [], session: {} } as unknown as App}>
      <Said />
      <Form draft={DRAFT} kind={KIND} resumed={false} waiting={true} />
    </AppContext.Provider>,
    document.body,
  );
  await vi.waitFor(() => expect(document.querySelector("input[type=file]")).not.toBeNull());
});
afterEach(() => {
  for (const one of unkeptOf("form")) changeUnkept("form", one);
  render(null, document.body);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function Said() {
  const [{ text }] = useNotice();
  return <output>{text}</output>;
}

function choose(file: File): void {
  const chooser = [...document.querySelectorAll<HTMLInputElement>("section.photos input[type=file]")].at(-1);
  if (!chooser) throw new Error("no chooser");
  Object.defineProperty(chooser, "files", { value: [file], configurable: true });
  Object.defineProperty(chooser, "value", { value: "", writable: true, configurable: true });
  chooser.dispatchEvent(new Event("change", { bubbles: true }));
}

it("a file that cannot be read is said by its name", async () => {
  const file = new File([WHOLE], "Panô.jpg", { type: "image/jpeg" });
  file.arrayBuffer = () => Promise.reject(new DOMException("not fetched", "NotReadableError"));
  choose(file);
  await vi.waitFor(() =>
    expect(document.querySelector("output")?.textContent).toBe("Panô.jpg: photo_unreadable"),
  );
});

it("P-25: without room for it as it came, and without memory to make it small, it stays on the screen", async () => {
  vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("no memory")));
  noRoomWhile(() => true);
  choose(new File([WHOLE], "a.jpg", { type: "image/jpeg" }));
  await vi.waitFor(() => expect(unkeptOf("form")).toHaveLength(1));
  const [held] = unkeptOf("form");
  expect(held?.picture.size).toBe(WHOLE.length);
  // Tried again in vain, it is there once.
  expect(await held?.store(() => Promise.resolve(true))).toBe(false);
  expect(unkeptOf("form")).toHaveLength(1);
});
