// What nobody saved goes into a rescue file with its photos, and stays on the phone as it was (SPEC R-11).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { contents, KIND, phone } from "../db/phone.testing";
import type { Db, DraftRow } from "../db/schema";
import type { Loose } from "../officers/rescue";
import { drawing, newPage } from "../platform/stand-ins.testing";
import { layIntoInbox } from "./inbox";
import { takeMany } from "./take-many";
import { claimInbox, trayFiles } from "./tray";
import { countLeft, packed, unfinished } from "./unfinished";

const FORM: DraftRow = {
  ...{ id: "form", record: "form", kind: "banner", unit: "u", campaign: "c", corrects: [], drawn: NOTHING },
  now: { hamlet: "Tạ Hạ" },
};
let db: Db;

beforeEach(async () => {
  newPage();
  drawing();
  db = await phone();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

async function came(...files: File[]): Promise<void> {
  await layIntoInbox(files, "forwarded");
  await claimInbox(db);
}

function jpeg(text: string): File {
  return new File([text], "a.jpg", { type: "image/jpeg", lastModified: 1000 });
}

async function textsOf({ files }: Loose): Promise<string[]> {
  const all = await Promise.all(files.map(({ read }) => read()));
  return all.map((bytes) => new TextDecoder().decode(bytes)).sort();
}

function said({ entries }: Loose): { id: string; set: Record<string, unknown>; record?: string }[] {
  return entries.map((entry) => (entry as { draft: never }).draft);
}

it("P-17: the document of a form, which has no thumbnail", async () => {
  const value = { sha256: "dd", size_bytes: 3, type: "application/pdf", name: "a.pdf", added_at: 7 };
  await db.put("bytes", new TextEncoder().encode("pdf").buffer, "dd");
  await db.put("drafts", { ...FORM, now: { "documents/dd": value } });
  const [loose] = await packed(db, await unfinished(db));
  expect(loose.files.map(({ role, sha256 }) => [role, sha256])).toEqual([["full", "dd"]]);
  expect(await textsOf(loose)).toEqual(["pdf"]);
});

it("F-42: a form whose record was discarded goes as one of its own, with all that is in it", async () => {
  const drawn = { ...NOTHING, values: { hamlet: "Tạ Hạ", quantity: 2, submitted: true }, submitted: true };
  await db.put("drafts", { ...FORM, record: "old", drawn, now: { ...drawn.values, note: "x" } });
  const before = await packed(db, await unfinished(db));
  expect(said(before[0])).toMatchObject([{ record: "old", set: { note: "x" } }]);
  await db.put("meta", { old: "" }, "let_go");
  const [loose] = await packed(db, await unfinished(db));
  expect(said(loose)).toMatchObject([{ id: "form", set: { hamlet: "Tạ Hạ", quantity: 2, note: "x" } }]);
  expect(said(loose)[0]).not.toHaveProperty("record");
});

it("drafts of a batch with what they hold, and both sizes of each photo", async () => {
  await came(jpeg("jpeg one"), jpeg("jpeg two"));
  await takeMany(db, KIND, FORM);
  const before = await contents(db);
  const [loose, unread] = await packed(db, await unfinished(db));
  expect(unread).toEqual([]);
  expect(said(loose)).toHaveLength(2);
  expect(said(loose)[0]).toMatchObject({
    kind: "banner",
    unit: "u",
    campaign: "c",
    set: { hamlet: "Tạ Hạ" },
  });
  expect(said(loose)[0]).not.toHaveProperty("record");
  expect(await textsOf(loose)).toEqual(
    ["jpeg one at 1600", "jpeg one at 320", "jpeg two at 1600", "jpeg two at 320"].sort(),
  );
  expect(await contents(db)).toEqual(before);
});

it("photos of the tray go without a kind, say when they were taken, and stay in the tray", async () => {
  await came(jpeg("jpeg one"));
  const before = await contents(db);
  const [loose] = await packed(db, await unfinished(db));
  const [entry] = said(loose);
  expect(entry?.id).toMatch(/^[\w-]{16}$/);
  expect(entry).not.toHaveProperty("kind");
  expect(Object.values(entry?.set ?? {})).toMatchObject([{ source: "forwarded", undated: true }]);
  expect(await textsOf(loose)).toEqual(["jpeg one at 1600", "jpeg one at 320"]);
  expect(await contents(db)).toEqual(before);
  expect(await trayFiles(db)).toHaveLength(1);
});

it("a file that is no photo, or no whole PDF, stops none of the others, and is named", async () => {
  const cut = new File(["%PDF-1.4"], "a.pdf", { type: "application/pdf" });
  await came(cut, new File(["text"], "a.txt", { type: "text/plain" }), jpeg("jpeg one"));
  const [loose, unread] = await packed(db, await unfinished(db));
  expect(unread.map(({ why }) => why)).toEqual(["document_cut", "photo_unreadable"]);
  expect(countLeft(unread)).toEqual({ photos: 1, pdfs: 1 });
  expect(said(loose)).toHaveLength(1);
});

it("a PDF of the tray goes as it is, under its name, and stays in the tray (R-11, P-17)", async () => {
  const text = "%PDF-1.4\nstartxref\n9\n%%EOF\n";
  await came(new File([text], "Kế hoạch 12.pdf", { type: "application/pdf", lastModified: 1000 }));
  const before = await contents(db);
  const [loose, unread] = await packed(db, await unfinished(db));
  expect(unread).toEqual([]);
  const [entry] = said(loose);
  expect(entry?.id).toMatch(/^[\w-]{16}$/);
  const [[field, value] = []] = Object.entries(entry?.set ?? {});
  const [file] = loose.files;
  expect(field).toBe(`documents/${file?.sha256.slice(0, 16)}`);
  expect(value).toMatchObject({ sha256: file?.sha256, name: "Kế hoạch 12.pdf", size_bytes: text.length });
  expect(loose.files.map(({ role }) => role)).toEqual(["full"]);
  expect(await textsOf(loose)).toEqual([text]);
  expect(await contents(db)).toEqual(before);
  expect(await trayFiles(db)).toHaveLength(1);
});

it("a file whose bytes the browser no longer gives stops none of the others, and is named", async () => {
  await came(jpeg("jpeg lost"), jpeg("jpeg one"));
  const [lost] = await trayFiles(db);
  const whole = caches.match.bind(caches);
  vi.spyOn(caches, "match").mockImplementation(async (key) => {
    const held = await whole(key);
    if (held && (key as Request).url === lost?.url)
      held.blob = () => Promise.reject(new DOMException("gone from the disk", "NotReadableError"));
    return held;
  });
  const [loose, unread] = await packed(db, await unfinished(db));
  expect(unread).toEqual([{ pdf: undefined, why: "photo_unreadable" }]);
  expect(countLeft(unread)).toEqual({ photos: 1, pdfs: 0 });
  expect(await textsOf(loose)).toEqual(["jpeg one at 1600", "jpeg one at 320"]);
  expect(await trayFiles(db)).toHaveLength(2);
});

it("of an edit only what it changes; an untouched form, and one that changes nothing, are left out", async () => {
  const drawn = { ...NOTHING, values: { hamlet: "Tạ Hạ", note: "cũ" } };
  await db.put("drafts", {
    ...FORM,
    id: "edit",
    record: "stored",
    drawn,
    now: { hamlet: "Tạ Hạ", note: "mới" },
  });
  await db.put("drafts", { ...FORM, id: "same", record: "stored", drawn, now: drawn.values });
  await db.put("drafts", { ...FORM, id: "new", untouched: true });
  const [loose] = await packed(db, await unfinished(db));
  expect(said(loose)).toMatchObject([{ id: "edit", record: "stored", set: { note: "mới" } }]);
  expect(said(loose)[0]?.set).not.toHaveProperty("hamlet");
});
