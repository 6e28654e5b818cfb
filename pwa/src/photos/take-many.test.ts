// Photos that came together become drafts, one each: none is lost and none comes twice, whenever the page is killed.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { KIND, noRoomFor, phone } from "../db/phone.testing";
import type { Db, DraftRow } from "../db/schema";
import { discardDraft } from "../outbox/drafts";
import { saveDraft } from "../outbox/save";
import { drawing, newPage, type Page } from "../platform/stand-ins.testing";
import { layIntoInbox } from "./inbox";
import { nextOf, takeMany } from "./take-many";
import { claimInbox, countTray, fileOf, takeOut, trayFiles, trayOf } from "./tray";

const FORM: DraftRow = {
  ...{ id: "form", record: "form", kind: "banner", unit: "u", campaign: "c", corrects: [], drawn: NOTHING },
  now: { hamlet: "Tạ Hạ", note: "chỉ của một" },
};
let page: Page;
let db: Db;

beforeEach(async () => {
  page = newPage();
  drawing();
  db = await phone();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** As far as a page came: nothing after it happened. */
async function came(...texts: string[]): Promise<void> {
  await layIntoInbox(
    texts.map((text) => new File([text], "a.jpg", { type: "image/jpeg", lastModified: 1000 })),
    "gallery",
  );
  await claimInbox(db);
}

async function photosOf(drafts: readonly DraftRow[]): Promise<string[]> {
  const hashes = drafts.flatMap(({ now }) =>
    Object.entries(now).flatMap(([name, value]) =>
      name.startsWith("photos/") && typeof value === "object" ? [String(value?.["sha256"])] : [],
    ),
  );
  const held = await Promise.all(hashes.map((hash) => db.get("bytes", hash)));
  return held.map((bytes) => new TextDecoder().decode(bytes)).sort();
}

it("each becomes a draft with what holds for all of them, and its bytes are on the phone", async () => {
  await came("jpeg one", "jpeg two");
  expect(await takeMany(db, KIND, FORM)).toEqual([2, []]);
  const drafts = await db.getAll("drafts");
  expect(await photosOf(drafts)).toEqual(["jpeg one at 1600", "jpeg two at 1600"]);
  for (const draft of drafts) {
    expect(draft).toMatchObject({ record: draft.id, batch: { hamlet: "Tạ Hạ" }, now: { hamlet: "Tạ Hạ" } });
    expect(draft.now).not.toHaveProperty("note");
    expect(draft.now).toMatchObject({
      [Object.keys(draft.now).find((name) => name.startsWith("photos/")) ?? ""]: {
        source: "gallery",
        undated: true,
      },
    });
  }
  expect(await trayFiles(db)).toEqual([]);
  expect(await nextOf(db, FORM)).toMatchObject({ batch: { hamlet: "Tạ Hạ" } });
});

it("two that are the same picture are two drafts: somebody may have put up two", async () => {
  await came("jpeg same", "jpeg same");
  expect((await takeMany(db, KIND, FORM))[0]).toBe(2);
  expect(await photosOf(await db.getAll("drafts"))).toEqual(["jpeg same at 1600", "jpeg same at 1600"]);
});

it("a picture that an open form names already becomes a draft all the same", async () => {
  await came("jpeg one");
  await takeMany(db, KIND, FORM);
  await came("jpeg one");
  expect((await takeMany(db, KIND, FORM))[0]).toBe(1);
  expect(await db.getAll("drafts")).toHaveLength(2);
});

/** The first of two became a draft; the page was killed before its file was deleted. */
async function killedAmid(): Promise<DraftRow> {
  await came("jpeg one", "jpeg two");
  const tray = await page.caches.open(trayOf(db));
  const killed = vi.spyOn(tray, "delete").mockRejectedValueOnce(new Error("killed"));
  await expect(takeMany(db, KIND, FORM)).rejects.toThrow("killed");
  killed.mockRestore();
  expect(await tray.keys()).toHaveLength(2);
  const [draft, ...others] = await db.getAll("drafts");
  if (!draft || others.length > 0) throw new Error("not one draft");
  return draft;
}

it("killed between a draft and its file: the other comes, and no second draft of the first", async () => {
  await killedAmid();
  expect(await trayFiles(db)).toHaveLength(1);
  expect(await takeMany(db, KIND, FORM)).toEqual([1, []]);
  expect(await photosOf(await db.getAll("drafts"))).toEqual(["jpeg one at 1600", "jpeg two at 1600"]);
  expect(await trayFiles(db)).toEqual([]);
});

it("killed so, and the draft is saved before the others are taken in: its photo does not come again", async () => {
  const draft = await killedAmid();
  await saveDraft(db, draft, { set: draft.now, seen: [] });
  await claimInbox(db);
  expect(await takeMany(db, KIND, FORM)).toEqual([1, []]);
  expect(await photosOf(await db.getAll("drafts"))).toEqual(["jpeg two at 1600"]);
  expect(await trayFiles(db)).toEqual([]);
});

it("killed so, and the draft is discarded: its photo does not come again", async () => {
  await discardDraft(db, await killedAmid());
  expect(await takeMany(db, KIND, FORM)).toEqual([1, []]);
  expect(await photosOf(await db.getAll("drafts"))).toEqual(["jpeg two at 1600"]);
});

it("killed before the draft is on the disk: the photo is offered again", async () => {
  await came("jpeg one");
  // A draft, the bytes of its photo and of a thumbnail, and the note of its file: none is there without the others.
  for (const nth of [1, 2, 3, 4]) {
    noRoomFor(nth);
    await expect(takeMany(db, KIND, FORM)).rejects.toMatchObject({ cause: { name: "QuotaExceededError" } });
    vi.restoreAllMocks();
    expect(await db.getAll("drafts")).toEqual([]);
    // P-21: its bytes and its draft are there both, or neither.
    expect(await db.getAllKeys("bytes")).toEqual([]);
    expect(await trayFiles(db)).toHaveLength(1);
  }
  expect(await takeMany(db, KIND, FORM)).toEqual([1, []]);
});

it("on a full phone the photo that found no room stays where it lies, those before it are drafts", async () => {
  await came("jpeg one", "jpeg two");
  // Two bytes' rows, a draft and the note of its file are the first.
  noRoomFor(5);
  await expect(takeMany(db, KIND, FORM)).rejects.toMatchObject({ cause: { name: "QuotaExceededError" } });
  vi.restoreAllMocks();
  expect(await photosOf(await db.getAll("drafts"))).toEqual(["jpeg one at 1600"]);
  expect(await trayFiles(db)).toHaveLength(1);
  expect((await takeMany(db, KIND, FORM))[0]).toBe(1);
  expect(await db.getAll("drafts")).toHaveLength(2);
});

it("where the worker dies the photo stays: it may be taken in later", async () => {
  vi.stubGlobal("OffscreenCanvas", class {});
  vi.stubGlobal("ImageBitmap", class {});
  vi.stubGlobal(
    "Worker",
    class {
      onerror = () => undefined;
      onmessage: (event: { data: null }) => void = () => undefined;
      constructor() {
        queueMicrotask(() => this.onmessage({ data: null }));
      }
      postMessage() {
        queueMicrotask(() => this.onerror());
      }
      terminate() {
        return undefined;
      }
    },
  );
  await came("jpeg one");
  expect(await takeMany(db, KIND, FORM)).toEqual([0, ["photo_memory"]]);
  expect(await trayFiles(db)).toHaveLength(1);
});

it("the one that was taken first is the next form, in whatever order they are stored", async () => {
  const one = (id: string, taken_at: number) =>
    db.put("drafts", { ...FORM, id, batch: {}, now: { [`photos/${id}`]: { sha256: id, taken_at } } });
  await one("a", 3);
  await one("b", 1);
  await one("c", 2);
  expect((await nextOf(db, FORM))?.id).toBe("b");
});

it("a file that another window let go meanwhile is passed over", async () => {
  await came("jpeg one");
  const [key] = await trayFiles(db);
  if (!key) throw new Error("none");
  await takeOut(db, key);
  expect(await fileOf(key)).toBeUndefined();
});

it("a PDF is no record of its own: it stays for a form that takes it", async () => {
  await layIntoInbox([new File(["%PDF-"], "a.pdf", { type: "application/pdf" })], "forwarded");
  await came("jpeg one");
  expect(await takeMany(db, KIND, FORM)).toEqual([1, []]);
  expect(countTray(await trayFiles(db))).toEqual({ photos: 0, pdfs: 1 });
});

it("what is no picture is said and let go, and stops none of the others", async () => {
  await layIntoInbox(
    [
      new File(["text"], "a.txt", { type: "text/plain" }),
      new File(["heic"], "a.heic", { type: "image/heic" }),
      new File(["cut"], "a.jpg", { type: "image/jpeg" }),
    ],
    "gallery",
  );
  await came("jpeg one");
  expect(await takeMany(db, KIND, FORM)).toEqual([1, ["photo_unreadable", "photo_heic", "photo_too_large"]]);
  expect(await trayFiles(db)).toEqual([]);
});
