// P-21: what came is on the disk with its draft before anything is done with it, and goes with what it became.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { fill, KIND, ownWrite, phone } from "../db/phone.testing";
import { prune } from "../db/prune";
import type { Db, DraftRow } from "../db/schema";
import { type About, capture, dropCapture, freshOf, lostCaptures } from "../outbox/captures";
import { discardDraft, openLost } from "../outbox/drafts";
import { drawing, exif, newPage, type Page } from "../platform/stand-ins.testing";
import { until } from "../platform/until.testing";
import { finishCaptures, liesElsewhere, takenAs } from "./finish";
import { packed, unfinished } from "./unfinished";

const FORM: DraftRow = {
  ...{ id: "form", record: "form", kind: "banner", unit: "u", campaign: "c", corrects: [], drawn: NOTHING },
  ...{ now: {}, untouched: true },
};
const PICKED: About = { is: "photo", source: "gallery" };
const SHOT: About = { is: "photo", source: "camera", taken_at: 7 };
const WHOLE = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0x00, 0xff, 0xd9);
let db: Db;
let page: Page;

beforeEach(async () => {
  page = newPage();
  drawing();
  db = await phone({ drafts: [FORM], meta: { catalog: { kinds: [{ ...KIND, documents: { max: 2 } }] } } });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function jpeg(text = "jpeg"): Blob {
  return new Blob([text], { type: "image/jpeg" });
}

async function held(): Promise<{ captures: number; originals: number; bytes: number; photos: string[] }> {
  const [captures, originals, bytes, draft] = await Promise.all([
    db.getAllKeys("captures"),
    db.getAllKeys("originals"),
    db.getAllKeys("bytes"),
    db.get("drafts", "form"),
  ]);
  const photos = Object.keys(draft?.now ?? {});
  return { captures: captures.length, originals: originals.length, bytes: bytes.length, photos };
}

it("P-21: it lies there with its draft, which is touched, before it is decoded", async () => {
  vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("nothing was to be decoded")));
  const id = await capture(db, FORM, jpeg("jpeg as it came"), SHOT);
  expect(await held()).toEqual({ captures: 1, originals: 1, bytes: 0, photos: [] });
  expect((await db.get("drafts", "form"))?.untouched).toBe(false);
  expect(new TextDecoder().decode(await db.get("originals", id))).toBe("jpeg as it came");
});

it("P-21: the page that stored it goes on with it at once: neither read from the disk again, nor noted as begun a second time", async () => {
  const id = await capture(db, FORM, jpeg(), SHOT);
  expect((await db.get("captures", id))?.tries).toBe(1);
  unreadable(id);
  await finishCaptures(db);
  expect((await held()).photos).toHaveLength(1);
});

it("P-21: neither making room nor a form that is left takes it; what it becomes takes its place", async () => {
  await capture(db, FORM, jpeg(), SHOT);
  await prune(db, { held: [], pending: [] });
  expect(await held()).toMatchObject({ captures: 1, originals: 1 });
  await finishCaptures(db);
  const { photos, ...rest } = await held();
  expect(rest).toEqual({ captures: 0, originals: 0, bytes: 2 });
  expect(photos).toHaveLength(1);
  await prune(db, { held: [], pending: [] });
  expect((await held()).bytes).toBe(2);
});

it("P-21: killed amid it, it is done by the next start, once", async () => {
  await capture(db, FORM, jpeg(), SHOT);
  const [one, two] = [finishCaptures(db), finishCaptures(db)];
  await Promise.all([one, two]);
  expect((await held()).photos).toHaveLength(1);
});

it("P-21: of a photo that takes another's place, the other goes when it is there", async () => {
  await db.put("drafts", { ...FORM, now: { "photos/old": { sha256: "old" } } });
  await capture(db, FORM, jpeg(), { ...SHOT, instead: "photos/old" });
  expect((await held()).photos).toEqual(["photos/old"]);
  await finishCaptures(db);
  const { photos } = await held();
  expect(photos).toHaveLength(1);
  expect(photos).not.toContain("photos/old");
});

it("P-21: a form that another window swept away comes back with it; one that was saved does not", async () => {
  await db.delete("drafts", "form");
  await capture(db, FORM, jpeg(), SHOT);
  expect(await lostCaptures(db)).toEqual([]);
  await db.delete("drafts", "form");
  await db.put("writes", ownWrite("form", {}));
  await capture(db, { ...FORM, untouched: false }, jpeg("jpeg two"), SHOT);
  expect(await db.get("drafts", "form")).toBeUndefined();
  await finishCaptures(db);
  const lost = await lostCaptures(db);
  expect(lost).toHaveLength(2);
  const [first] = lost;
  const form = first && (await openLost(db, first));
  expect(await lostCaptures(db)).toEqual([]);
  await finishCaptures(db);
  const opened = await db.get("drafts", form ?? "");
  expect(Object.keys(opened?.now ?? {}).filter((name) => name.startsWith("photos/"))).toHaveLength(2);
  expect(opened).toMatchObject({ kind: "banner", unit: "u", campaign: "c" });
});

it("P-21: a form that was typed into comes back as it is by then; not over a record that was purged, nor once it has ended", async () => {
  await db.delete("drafts", "form");
  const typed = { ...FORM, untouched: false, now: { note: "later" } };
  await capture(db, FORM, jpeg(), SHOT, () => typed);
  expect(await db.get("drafts", "form")).toEqual(typed);
  const edit = { ...FORM, id: "edit", record: "r", untouched: false };
  await capture(db, edit, jpeg(), SHOT);
  await capture(db, { ...FORM, id: "let go", record: "let go" }, jpeg(), SHOT, () => undefined);
  expect(await db.getAllKeys("drafts")).toEqual(["form"]);
  await fill(db, { records: [{ record: "r", view: { fields: {} } }] });
  await capture(db, edit, jpeg(), SHOT);
  expect(await db.getAllKeys("drafts")).toEqual(["edit", "form"]);
});

/** What a capture of this source comes to say of its time, by a page that starts later with a clock put right. */
async function dated(source: About["source"]): Promise<unknown> {
  const read = createImageBitmap;
  vi.stubGlobal("createImageBitmap", () => read(jpeg()));
  await capture(db, FORM, exif("2021:07:30 14:05:00"), { is: "photo", source });
  await finishCaptures(db);
  const { now = {} } = (await db.get("drafts", "form")) ?? {};
  await db.put("drafts", FORM);
  const [{ taken_at, undated }] = Object.values(now) as [{ taken_at: number; undated?: true }];
  return undated ? "undated" : taken_at;
}

it("P-27: EXIF of the phone's own camera is as its clock: put right with it, and undated while that is in doubt", async () => {
  const at = Date.UTC(2021, 6, 30, 7, 5);
  const phone = await import("../platform/clock");
  vi.useFakeTimers({ toFake: ["Date"] });
  // Its clock is a day behind, and the server has just said so.
  vi.setSystemTime(at);
  phone.hearTime(at + 86_400_000);
  expect([await dated("phone"), await dated("gallery")]).toEqual([at + 86_400_000, at]);
  // It was set by hand since: nobody knows which day it shows.
  vi.setSystemTime(at + 40 * 86_400_000);
  expect(phone.isTimeSure()).toBe(false);
  expect([await dated("phone"), await dated("forwarded")]).toEqual(["undated", at]);
});

it("P-22: a JPEG that is there to its end is not called too large: it stays, and is tried again", async () => {
  const id = await capture(db, FORM, new Blob([WHOLE], { type: "image/jpeg" }), PICKED);
  await finishCaptures(db);
  const left = await db.get("captures", id);
  expect(left?.code).toBe("photo_memory");
  expect(left && liesElsewhere(left)).toBe(false);
  await finishCaptures(db);
  expect(await held()).toMatchObject({ captures: 1, originals: 1 });
  // Memory is there again.
  const read = createImageBitmap;
  vi.stubGlobal("createImageBitmap", () => read(jpeg()));
  await finishCaptures(db, true);
  expect(await held()).toMatchObject({ captures: 0, photos: [expect.stringMatching("^photos/")] });
  expect(takenAs(id)?.register[0]).toMatch("photos/");
});

it("P-22: what is no photo may go with a word where it was chosen, and stays where it only lies here", async () => {
  const ids: string[] = [];
  for (const source of ["gallery", "phone"] as const)
    ids.push(
      await capture(db, FORM, new Blob(["no picture"], { type: "image/png" }), { is: "photo", source }),
    );
  await finishCaptures(db);
  const all = await Promise.all(ids.map((id) => db.get("captures", id)));
  expect(all.map((row) => row && [row.code, liesElsewhere(row)])).toEqual([
    ["photo_unreadable", true],
    ["photo_unreadable", false],
  ]);
  await dropCapture(db, ids[0] ?? "");
  expect(await held()).toMatchObject({ captures: 1, originals: 1 });
});

it("P-21: another window that was frozen amid a photo holds nobody up for good", async () => {
  await capture(db, FORM, jpeg(), SHOT);
  void page.locks.request("loa-photo", () => new Promise(() => undefined));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const done = finishCaptures(db);
  await until(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  await vi.advanceTimersByTimeAsync(20_000);
  vi.useRealTimers();
  await done;
  expect((await held()).photos).toHaveLength(1);
});

it("P-21: a PDF lies there as it came, is judged then, and one that is there already is not taken twice", async () => {
  const file = new File(["%PDF-1.4\nstartxref\n9\n%%EOF\n"], "Kế hoạch.pdf", { type: "application/pdf" });
  const about: About = { is: "pdf", source: "gallery", name: file.name };
  vi.stubGlobal("Worker", NoWorker);
  await capture(db, FORM, file, about);
  await finishCaptures(db);
  expect((await held()).photos).toEqual([expect.stringMatching("^documents/")]);
  const again = await capture(db, FORM, file, about);
  await finishCaptures(db);
  expect((await db.get("captures", again))?.code).toBe("document_twice");
});

it("R-11: a rescue file has it as it came, in its draft, and one without a draft with what is known", async () => {
  await capture(db, FORM, jpeg("jpeg as it came"), SHOT);
  await capture(db, { ...FORM, id: "gone", record: "r", untouched: false }, jpeg("jpeg lost"), SHOT);
  const open = await unfinished(db);
  const [loose, left] = await packed(db, open);
  expect(left).toEqual([]);
  const said = loose.entries.map((entry) => (entry as { draft: { unit: string; set: object } }).draft);
  expect(said.map(({ unit, set }) => [unit, Object.keys(set).length])).toEqual([
    ["u", 1],
    ["u", 1],
  ]);
  const bytes = await Promise.all(loose.files.map(({ read }) => read()));
  expect(bytes.map((one) => new TextDecoder().decode(one)).sort()).toEqual(["jpeg as it came", "jpeg lost"]);
});

it("P-21: a form that the officer lets go takes it along", async () => {
  await capture(db, FORM, jpeg(), SHOT);
  await discardDraft(db, FORM);
  expect(await held()).toEqual({ captures: 0, originals: 0, bytes: 0, photos: [] });
});

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

/** What a browser does of a row whose file it lost: it says that when it is read. */
function unreadable(id: string): void {
  const { get } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, "get").mockImplementation(function (this: IDBObjectStore, key) {
    if (this.name === "originals" && key === id) throw new DOMException("lost", "DataError");
    return get.call(this, key);
  });
}

it("P-21: an original that cannot be read is noted, and holds up none of those behind it", async () => {
  const lost = await capture(db, FORM, jpeg("jpeg lost"), PICKED);
  await capture(db, FORM, jpeg("jpeg one"), SHOT);
  // Of a page before.
  freshOf(lost);
  unreadable(lost);
  await finishCaptures(db);
  const [left, ...more] = await db.getAll("captures");
  expect(more).toEqual([]);
  expect(left).toMatchObject({ id: lost, code: "original_unreadable" });
  expect(left && liesElsewhere(left)).toBe(false);
  expect((await held()).photos).toHaveLength(1);
  vi.restoreAllMocks();
  await finishCaptures(db, true);
  expect((await held()).photos).toHaveLength(2);
});

it("P-21: one of which not even a fault can be noted holds up no other form", async () => {
  const other = { ...FORM, id: "other", record: "other", untouched: false };
  await fill(db, { drafts: [other] });
  const lost = await capture(db, other, jpeg("jpeg lost"), SHOT);
  freshOf(lost);
  await capture(db, FORM, jpeg("jpeg one"), SHOT);
  const { put } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...row) {
    if ((row[0] as { id?: string }).id === lost) throw new DOMException("broken", "UnknownError");
    return put.apply(this, row);
  });
  await finishCaptures(db);
  expect((await held()).photos).toHaveLength(1);
  expect(await db.getAllKeys("captures")).toEqual([lost]);
});

it("R-11: an original that cannot be read, now or when the file is sealed, is named and stops none", async () => {
  const lost = await capture(db, FORM, jpeg("jpeg lost"), SHOT);
  const later = await capture(db, FORM, jpeg("jpeg later"), SHOT);
  unreadable(lost);
  const [loose, unread] = await packed(db, await unfinished(db));
  expect(unread).toEqual([{ pdf: undefined, why: "original_unreadable" }]);
  expect(loose.files).toHaveLength(1);
  vi.restoreAllMocks();
  unreadable(later);
  expect(await loose.files[0]?.read()).toBeUndefined();
  expect(unread).toHaveLength(2);
});

/** A page that the system ends amid decoding, and the start behind it. */
async function killedStart(asked: unknown[]): Promise<void> {
  vi.resetModules();
  page = newPage();
  const begun = new Promise<void>((resolve) => {
    vi.stubGlobal("createImageBitmap", (_: Blob, how?: ImageBitmapOptions) => {
      asked.push(how?.resizeWidth);
      resolve();
      return new Promise(() => undefined);
    });
  });
  const { finishCaptures: anew } = await import("./finish");
  await Promise.race([begun, anew(db)]);
}

it("P-22: what ends its page is tried with less each time, and then by its officer alone", async () => {
  const id = await capture(db, FORM, jpeg(), SHOT);
  const asked: unknown[] = [];
  // The page that it came in was the first.
  for (let nth = 0; nth < 4; nth += 1) await killedStart(asked);
  expect(asked).toEqual([1600, 800]);
  expect(await db.get("captures", id)).toMatchObject({ code: "photo_memory" });
  vi.resetModules();
  newPage();
  drawing();
  const decode = createImageBitmap;
  vi.stubGlobal("createImageBitmap", (file: Blob, how?: ImageBitmapOptions) => {
    asked.push(how?.resizeWidth);
    return decode(file);
  });
  const { finishCaptures: anew } = await import("./finish");
  await anew(db, true);
  expect(asked[2]).toBe(800);
  expect((await held()).photos).toHaveLength(1);
});

it("P-22: a file of more pixels than a phone takes is never decoded whole", async () => {
  // Begin, start of frame: 12,000 by 9,000.
  const head = [0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0x23, 0x28, 0x2e, 0xe0, 1, 1, 0x11, 0];
  const asked: unknown[] = [];
  vi.stubGlobal("createImageBitmap", (_: Blob, how?: ImageBitmapOptions) => {
    asked.push(how?.resizeWidth);
    return Promise.reject(new Error("no memory"));
  });
  await capture(db, FORM, new Blob([Uint8Array.from(head)], { type: "image/jpeg" }), SHOT);
  await finishCaptures(db);
  expect(asked).toEqual([1600, 800]);
});

it("P-21: one that got another form meanwhile goes into that, and what is noted of it changes nothing else", async () => {
  await capture(db, FORM, jpeg(), SHOT);
  let go: () => void = () => undefined;
  const decoding = new Promise<void>((begun) => {
    const wait = new Promise<void>((resolve) => {
      go = resolve;
    });
    vi.stubGlobal("createImageBitmap", async () => {
      begun();
      await wait;
      throw new Error("no memory");
    });
  });
  const ended = finishCaptures(db);
  await decoding;
  await db.delete("drafts", "form");
  const [row] = await db.getAll("captures");
  const form = row && (await openLost(db, row));
  go();
  await ended;
  expect(await db.getAll("captures")).toMatchObject([{ draft: form, code: "photo_too_large" }]);
});

it("P-21: a worker that ends without a word holds up no photo for good", async () => {
  vi.stubGlobal("OffscreenCanvas", class {});
  vi.stubGlobal("Worker", SilentWorker);
  await capture(db, FORM, jpeg(), SHOT);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const done = finishCaptures(db);
  await until(() => expect(SilentWorker.asked).toBe(1));
  await vi.advanceTimersByTimeAsync(60_000);
  vi.useRealTimers();
  await done;
  expect(await db.getAll("captures")).toMatchObject([{ code: "photo_memory" }]);
});

it("P-21: a frozen window is waited for once, not by each photo", async () => {
  for (const text of ["jpeg one", "jpeg two", "jpeg three"]) await capture(db, FORM, jpeg(text), SHOT);
  void page.locks.request("loa-photo", () => new Promise(() => undefined));
  const waits = vi.spyOn(page.locks, "request");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const done = finishCaptures(db);
  await until(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  await vi.advanceTimersByTimeAsync(20_000);
  vi.useRealTimers();
  await done;
  expect((await held()).photos).toHaveLength(3);
  expect(waits).toHaveBeenCalledTimes(1);
});

/** It says that it is there, and is ended by the system amid its work. */
class SilentWorker {
  static asked = 0;
  onmessage = (_: { data: null }) => undefined;
  constructor() {
    queueMicrotask(() => this.onmessage({ data: null }));
  }
  postMessage() {
    SilentWorker.asked += 1;
  }
  terminate() {
    return undefined;
  }
}
