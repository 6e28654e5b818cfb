// A shot without room is thrown nowhere: it stays with its form, and holds its page (SPEC P-25).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { isFull, open } from "../db/open";
import { fill, noRoomWhile, phone } from "../db/phone.testing";
import { holdPage, whenLetGo } from "../platform/hold";
import { drawing, newPage, type Page } from "../platform/stand-ins.testing";
import { storePhoto, takeIn, Unplaced } from "./take-in";
import { changeUnkept, type UnkeptPhoto, unkeptOf } from "./unkept";

let page: Page;
beforeEach(() => {
  page = newPage();
  drawing();
});
afterEach(() => {
  for (const one of unkeptOf("d")) changeUnkept("d", one);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const SHOT: UnkeptPhoto = { picture: new Blob(["jpeg"]), store: async () => true };

it("P-25: a shot that finds no room though what the server has was let go comes back whole", async () => {
  noRoomWhile(() => true);
  const error = await takeIn(await phone(), new Blob(["jpeg 1"]), "camera", 5).catch((why: unknown) => why);
  if (!(error instanceof Unplaced)) throw error;
  expect(isFull(error)).toBe(true);
  expect(error.register[1]).toMatchObject({ sha256: error.photo.full.sha256, source: "camera" });
  vi.restoreAllMocks();
  const db = await phone();
  await storePhoto(db, error.photo);
  expect(await db.getAllKeys("bytes")).toHaveLength(2);
});

it("P-25: one for which room can be made is taken in, and the oldest that the server verified went for it", async () => {
  const db = await phone();
  const upload = {
    record: "r",
    field: "photos/x",
    role: "full",
    state: "verified",
    size_bytes: 1e6,
    verified_at: 1,
  };
  await fill(db, { uploads: [{ ...upload, sha256: "old" }], bytes: { old: new ArrayBuffer(1) } });
  let full = true;
  const { delete: gone } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, "delete").mockImplementation(function (this: IDBObjectStore, key) {
    full = false;
    return gone.call(this, key);
  });
  noRoomWhile(() => full);
  await takeIn(db, new Blob(["jpeg 1"]), "camera", 5);
  expect(await db.getAllKeys("bytes")).not.toContain("old");
  expect(await db.getAllKeys("bytes")).toHaveLength(2);
});

it("it stays with its form, and as long as it is nowhere else the page is not begun anew", () => {
  const acts: string[] = [];
  changeUnkept("d", undefined, SHOT);
  whenLetGo(() => acts.push("anew"));
  expect(unkeptOf("d")).toEqual([SHOT]);
  expect(acts).toEqual([]);
  changeUnkept("d", SHOT, { ...SHOT, given: true });
  expect(acts).toEqual(["anew"]);
  expect(unkeptOf("d")).toHaveLength(1);
});

it("a window that a newer one asks for its database keeps it, and its page, until its shot is on the disk", async () => {
  const old = await open<{ notes: { row: string } }>("held by a shot", { notes: [] }, 1);
  const letGo = holdPage();
  const newer = open("held by a shot", { notes: [], more: [] }, 2).then(
    () => "open",
    () => "held",
  );
  expect(await newer).toBe("held");
  await old.put("notes", "the shot", "a");
  expect(page.location.reload).not.toHaveBeenCalled();
  letGo();
  await vi.waitFor(() => expect(page.location.reload).toHaveBeenCalled());
});

it("the browser asks before a page is closed that has a photo in its memory alone, and no longer", () => {
  const asked = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(asked()).toBe(false);
  changeUnkept("d", undefined, SHOT);
  expect(asked()).toBe(true);
  changeUnkept("d", SHOT);
  expect(asked()).toBe(false);
});
