// Whose the photos are that lie in the inbox: of the officer who looks first, and of nobody else from then on.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import { type Db, type DraftRow, meta } from "../db/schema";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { INBOX, layIntoInbox } from "./inbox";
import {
  claimInbox,
  countTray,
  fileOf,
  noteTaken,
  pdfOf,
  takeInAlone,
  takeOut,
  trayFiles,
  trayOf,
  trayPdfs,
  trayPhotos,
} from "./tray";

let page: Page;
/** Of an officer. */
let db: Db;

beforeEach(async () => {
  page = newPage();
  db = await phone();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function lay(...texts: string[]): Promise<void> {
  return layIntoInbox(
    texts.map((text, nth) => new File([text], "a.jpg", { lastModified: 1000 + nth })),
    "forwarded",
  );
}

async function texts(whose = db): Promise<string[]> {
  return Promise.all(
    (await trayFiles(whose)).map(async (key) => (await (await fileOf(key))?.[0].text()) ?? "gone"),
  );
}

/** All that lies in the inbox and the tray, offered or not. */
async function files(): Promise<number> {
  const held = [INBOX, trayOf(db)].map(async (name) => (await (await page.caches.open(name)).keys()).length);
  return (await Promise.all(held)).reduce((sum, one) => sum + one, 0);
}

it("they wait for the officer who looked first, whoever has the phone meanwhile", async () => {
  await lay("a", "b");
  expect(await texts()).toEqual([]);
  await claimInbox(db);
  const other = await phone();
  await claimInbox(other);
  expect(await texts(other)).toEqual([]);
  expect(await texts()).toEqual(["a", "b"]);
});

it("a photo says how it came and when it was made, and is there until it is taken out", async () => {
  await lay("a", "b");
  await claimInbox(db);
  const [first, second] = await trayFiles(db);
  if (!(first && second)) throw new Error("nothing lies there");
  expect((await fileOf(second))?.slice(1)).toEqual(["forwarded"]);
  await takeOut(db, first);
  expect(await texts()).toEqual(["b"]);
});

it("PDF files lie beside the photos, under their names, whatever the other app says that they are", async () => {
  const named = ["Kế hoạch 12/a?b.pdf", "x.PDF", "no-ending", "a.pdf"];
  const types = ["application/pdf", "application/octet-stream", "application/pdf", "image/jpeg"];
  await layIntoInbox(
    named.map((name, nth) => new File([name], name, { type: types[nth] ?? "", lastModified: nth })),
    "forwarded",
  );
  await claimInbox(db);
  const pdfs = await Promise.all((await trayPdfs(db)).map(pdfOf));
  expect(pdfs.map((file) => [file?.name, file?.type, file?.lastModified])).toEqual(
    named.slice(0, 3).map((name, nth) => [name, "application/pdf", nth]),
  );
  expect(await pdfs[0]?.text()).toBe(named[0]);
  expect(await trayPhotos(db)).toHaveLength(1);
  expect(countTray(await trayFiles(db))).toEqual({ photos: 1, pdfs: 3 });
});

it("a PDF that was chosen as a photo waits as one, so that its form says what it is", async () => {
  await layIntoInbox([new File(["a"], "a.pdf", { type: "application/pdf" })], "gallery");
  await claimInbox(db);
  expect(countTray(await trayFiles(db))).toEqual({ photos: 1, pdfs: 0 });
});

it("on a full phone what cannot become an officer's stays in the inbox, and becomes theirs when there is room", async () => {
  await lay("a", "bcd");
  page.caches.room = 2;
  await expect(claimInbox(db)).rejects.toMatchObject({ name: "QuotaExceededError" });
  expect(await texts()).toEqual(["a"]);
  page.caches.room = 9;
  await claimInbox(db);
  expect(await texts()).toEqual(["a", "bcd"]);
});

it("what one window claimed and took in comes back by no other that looked at the same time", async () => {
  await lay("a");
  const tray = await page.caches.open(trayOf(db));
  const put = tray.put.bind(tray);
  let go: () => void = () => undefined;
  const taken = new Promise<void>((resolve) => {
    go = resolve;
  });
  const after =
    (time: Promise<unknown>) =>
    (...row: Parameters<typeof put>) =>
      time.then(() => put(...row));
  const soon = new Promise((resolve) => setTimeout(resolve, 20));
  vi.spyOn(tray, "put").mockImplementationOnce(after(soon)).mockImplementation(after(taken));
  const claims = [claimInbox(db), claimInbox(db)];
  await claims[0];
  const [key] = await trayFiles(db);
  if (!key) throw new Error("nothing lies there");
  await takeOut(db, key);
  go();
  await claims[1];
  expect(await texts()).toEqual([]);
});

it("a file that was noted as taken is offered no more, and is deleted with the next claim", async () => {
  await lay("a", "b");
  await claimInbox(db);
  const [first] = await trayFiles(db);
  if (!first) throw new Error("nothing lies there");
  await db.atomically((tx) => noteTaken(tx, first));
  expect(await texts()).toEqual(["b"]);
  expect(await files()).toBe(2);
  await claimInbox(db);
  expect(await texts()).toEqual(["b"]);
  expect(await files()).toBe(1);
  expect(await meta(db, "taken")).toBeUndefined();
});

it("a file that an app before this noted in its draft is deleted, and no other", async () => {
  await lay("a", "b");
  await claimInbox(db);
  const [first] = await trayFiles(db);
  await db.put("drafts", { id: "d", file: first?.url } as DraftRow);
  expect(await texts()).toEqual(["b"]);
  await claimInbox(db);
  expect(await texts()).toEqual(["b"]);
  expect(await files()).toBe(1);
});

it("a claim that was killed between tray and inbox brings back nothing that was taken out since", async () => {
  await lay("a");
  const inbox = await page.caches.open(INBOX);
  vi.spyOn(inbox, "delete").mockRejectedValueOnce(new Error("killed"));
  await expect(claimInbox(db)).rejects.toThrow("killed");
  expect(await files()).toBe(2);
  const [key] = await trayFiles(db);
  if (!key) throw new Error("nothing lies there");
  await takeOut(db, key);
  await claimInbox(db);
  expect(await texts()).toEqual([]);
});

it("they are taken in by one window at a time; the other hears so, and does nothing", async () => {
  let end: () => void = () => undefined;
  const first = takeInAlone(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const second = vi.fn();
  expect(await takeInAlone(second)).toBe(false);
  expect(second).not.toHaveBeenCalled();
  end();
  expect(await first).toBe(true);
  expect(await takeInAlone(second)).toBe(true);
});
