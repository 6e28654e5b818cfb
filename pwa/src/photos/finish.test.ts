// P-21: what came is on the disk with its draft before anything is done with it, and goes with what it became.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { KIND, phone } from "../db/phone.testing";
import { prune } from "../db/prune";
import type { Db, DraftRow } from "../db/schema";
import { type About, capture, dropCapture, lostCaptures } from "../outbox/captures";
import { discardDraft, openLost } from "../outbox/drafts";
import { drawing, newPage, type Page } from "../platform/stand-ins.testing";
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
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
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
