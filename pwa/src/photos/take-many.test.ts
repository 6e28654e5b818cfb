// Photos that came together become drafts, one each: none is lost and none comes twice, whenever the page is killed.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { KIND, noRoomFor, phone } from "../db/phone.testing";
import type { Db, DraftRow } from "../db/schema";
import { drawing, newPage, type Page } from "../platform/stand-ins.testing";
import { layIntoInbox } from "./inbox";
import { nextOf, takeMany } from "./take-many";
import { claimInbox, laid } from "./tray";

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
  await claimInbox();
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
        taken_at: 1000,
      },
    });
  }
  expect(await laid()).toEqual([]);
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

it("killed between a draft and its file: the file goes, and no second draft comes", async () => {
  await came("jpeg one", "jpeg two");
  const tray = await page.caches.open((await page.caches.keys()).find((name) => name !== "loa-inbox") ?? "");
  const killed = vi.spyOn(tray, "delete").mockRejectedValueOnce(new Error("killed"));
  await expect(takeMany(db, KIND, FORM)).rejects.toThrow("killed");
  expect(await db.getAll("drafts")).toHaveLength(1);
  expect(await laid()).toHaveLength(2);
  killed.mockRestore();
  expect((await takeMany(db, KIND, FORM))[0]).toBe(2);
  expect(await photosOf(await db.getAll("drafts"))).toEqual(["jpeg one at 1600", "jpeg two at 1600"]);
  expect(await laid()).toEqual([]);
});

it("on a full phone the photo that found no room stays where it lies, those before it are drafts", async () => {
  await came("jpeg one", "jpeg two");
  // Two bytes' rows and a draft are the first.
  noRoomFor(4);
  await expect(takeMany(db, KIND, FORM)).rejects.toMatchObject({ cause: { name: "QuotaExceededError" } });
  vi.restoreAllMocks();
  expect(await photosOf(await db.getAll("drafts"))).toEqual(["jpeg one at 1600"]);
  expect(await laid()).toHaveLength(1);
  expect((await takeMany(db, KIND, FORM))[0]).toBe(1);
  expect(await db.getAll("drafts")).toHaveLength(2);
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
  expect(await laid()).toEqual([]);
});
