// A shot without room is thrown nowhere: it stays with its form, and holds its page (SPEC P-25).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { open } from "../db/open";
import { fill, noRoomWhile, phone } from "../db/phone.testing";
import { captureOf } from "../outbox/captures";
import { holdPage, whenLetGo } from "../platform/page";
import { drawing, newPage, type Page } from "../platform/stand-ins.testing";
import { until } from "../platform/until.testing";
import { putBytes, takeIn } from "./take-in";
import { allUnkept, forgetUnkept, keepUnkept, type UnkeptPhoto, unkeptOf } from "./unkept";

let page: Page;
beforeEach(() => {
  page = newPage();
  drawing();
});
afterEach(() => {
  forgetUnkept(...unkeptOf("d"));
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const FORM = {
  id: "d",
  record: "d",
  kind: "banner",
  unit: "u",
  campaign: "c",
  corrects: [],
  drawn: NOTHING,
  now: {},
};
const PICTURE = new Blob(["jpeg"]);
const SHOT: UnkeptPhoto = {
  ...{ database: "loa-a", picture: PICTURE },
  row: captureOf(FORM, PICTURE, { is: "photo", source: "camera" }),
};

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
  const taken = await takeIn(new Blob(["jpeg 1"]), "camera", 5);
  if (typeof taken === "string") throw new Error(taken);
  await db.atomically((tx) => putBytes(tx, taken), ["bytes"]);
  expect(await db.getAllKeys("bytes")).not.toContain("old");
  expect(await db.getAllKeys("bytes")).toHaveLength(2);
});

it("P-28: it stays with its form, and as long as it is nowhere else the page is not begun anew", () => {
  const acts: string[] = [];
  keepUnkept(SHOT);
  whenLetGo(() => acts.push("anew"));
  expect([unkeptOf("d"), allUnkept({ name: "loa-a" }), allUnkept({ name: "loa-b" })]).toEqual([
    [SHOT],
    [SHOT],
    [],
  ]);
  expect(acts).toEqual([]);
  keepUnkept({ ...SHOT, given: true });
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
  await until(() => expect(page.location.reload).toHaveBeenCalled());
});

it("the browser asks before a page is closed that has a photo in its memory alone, and no longer", () => {
  const asked = () => {
    const event = new Event("beforeunload", { cancelable: true });
    dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(asked()).toBe(false);
  keepUnkept(SHOT);
  expect(asked()).toBe(true);
  forgetUnkept(SHOT);
  expect(asked()).toBe(false);
});
