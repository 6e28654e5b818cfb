// @vitest-environment happy-dom
// Photos that come into a form on a phone that is in need: none goes without a word, or is kept nowhere.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../../core/draft";
import { CATALOG, KIND, noRoomWhile, phone } from "../../db/phone.testing";
import type { Db, DraftRow } from "../../db/schema";
import { forgetAllUnplaced } from "../../outbox/save";
import { packed, unfinished } from "../../photos/unfinished";
import { forgetUnkept, unkeptOf } from "../../photos/unkept";
import { Caches, Locks } from "../../platform/browser.testing";
import { drawing } from "../../platform/stand-ins.testing";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { useNotice } from "../../ui/notice";
import { Drafts } from "../home/drafts";
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
  render(
    <AppContext.Provider value={APP(db)}>
      <Said />
      <Form draft={DRAFT} kind={KIND} resumed={false} waiting={true} />
    </AppContext.Provider>,
    document.body,
  );
  await until(() => expect(document.querySelector("input[type=file]")).not.toBeNull());
});
afterEach(() => {
  forgetUnkept(...unkeptOf("form"));
  forgetAllUnplaced(db);
  // The canvases of `drawing` go: files share a document.
  Reflect.deleteProperty(document, "createElement");
  render(null, document.body);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const APP = (db: Db) => {
  const [campaign, unit] = [CATALOG.campaigns[0], CATALOG.units[0]];
  const app = { db, catalog: CATALOG, here: "c", campaign, unit };
  return { ...app, left: [], made: {}, cursors: [], session: {} } as unknown as App;
};

function Said() {
  const [{ text }] = useNotice();
  return <output>{text}</output>;
}

function button(text: string): HTMLButtonElement {
  const found = [...document.querySelectorAll("button")].find((one) => one.textContent === text);
  if (!found) throw new Error(`no button ${text}`);
  return found;
}

function choose(file: File, by: "phone" | "gallery" = "gallery"): void {
  const choosers = [...document.querySelectorAll<HTMLInputElement>("section.photos input[type=file]")];
  const chooser = choosers.find((one) => one.hasAttribute("capture") === (by === "phone"));
  if (!chooser) throw new Error("no chooser");
  Object.defineProperty(chooser, "files", { value: [file], configurable: true });
  Object.defineProperty(chooser, "value", { value: "", writable: true, configurable: true });
  chooser.dispatchEvent(new Event("change", { bubbles: true }));
}

it("a file that cannot be read is said by its name", async () => {
  const file = new File([WHOLE], "Panô.jpg", { type: "image/jpeg" });
  file.arrayBuffer = () => Promise.reject(new DOMException("not fetched", "NotReadableError"));
  choose(file);
  await until(() => expect(document.querySelector("output")?.textContent).toBe("Panô.jpg: photo_unreadable"));
});

it("P-25: without room for it as it came, and without memory to make it small, it stays on the screen", async () => {
  vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("no memory")));
  noRoomWhile(() => true);
  choose(new File([WHOLE], "a.jpg", { type: "image/jpeg" }));
  await until(() => expect(unkeptOf("form")).toHaveLength(1));
  const [held] = unkeptOf("form");
  expect(held?.picture.size).toBe(WHOLE.length);
  // Tried again in vain, it is there once.
  await until(() => button("try_again").click());
  await until(() => expect(unkeptOf("form")[0]).not.toBe(held));
  expect(unkeptOf("form")).toHaveLength(1);
  vi.restoreAllMocks();
  await until(() => button("try_again").click());
  await until(() => expect(unkeptOf("form")).toEqual([]));
  expect(await db.getAllKeys("originals")).toHaveLength(1);
});

it("P-21: its bytes are on the disk with its form, or not at all; whatever a disk has against it, it stays on the screen", async () => {
  drawing();
  const { put } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...row) {
    if (this.name === "drafts") throw new DOMException("broken", "UnknownError");
    return put.apply(this, row);
  });
  choose(new File(["jpeg one"], "a.jpg", { type: "image/jpeg" }), "phone");
  await until(() => expect(unkeptOf("form")).toHaveLength(1));
  expect([await db.getAllKeys("bytes"), await db.getAllKeys("originals")]).toEqual([[], []]);
  vi.restoreAllMocks();
  await until(() => button("try_again").click());
  await until(() => expect(unkeptOf("form")).toEqual([]));
  expect(await db.getAllKeys("bytes")).toHaveLength(2);
  expect(Object.keys((await db.get("drafts", "form"))?.now ?? {})).toEqual([
    expect.stringMatching("^photos/"),
  ]);
});

it("P-22: without room, what this browser cannot read stays where only the phone's own camera has it", async () => {
  drawing();
  noRoomWhile(() => true);
  choose(new File(["HEIC"], "", { type: "image/heic" }), "phone");
  await until(() => expect(unkeptOf("form")[0]?.picture.type).toBe("image/heic"));
  choose(new File(["HEIC, too"], "", { type: "image/heic" }));
  await until(() => expect(document.querySelector("output")?.textContent).toBe("photo_heic"));
  expect(unkeptOf("form")).toHaveLength(1);
});

it("P-28: home shows it too, with the way into a file, and the file to hand in has it", async () => {
  drawing();
  noRoomWhile(() => true);
  choose(new File(["jpeg one"], "a.jpg", { type: "image/jpeg" }));
  await until(() => expect(unkeptOf("form")).toHaveLength(1));
  render(
    <AppContext.Provider value={APP(db)}>
      <Drafts />
    </AppContext.Provider>,
    document.body,
  );
  await until(() => expect(button("photo_to_file")).toBeDefined());
  expect(document.body.textContent).toContain("photo_unkept");
  const [loose, unread] = await packed(db, await unfinished(db));
  expect([loose.files.length, unread]).toEqual([1, []]);
  expect(JSON.stringify(loose.entries)).toContain('"undated":true');
});
