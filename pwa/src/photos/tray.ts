// Each officer's own tray of photos and PDF files that came so (inbox.ts). The worker that lays them into the inbox does not know who
// holds the phone: they are of the officer who looks first, for the app is opened with them, and wait for nobody else
// from then on, whoever has the phone meanwhile.
// A photo leaves the tray for a draft, and the two are not stored together: so the transaction that puts it into the
// draft notes its file as taken (`noteTaken`). A page that is killed before the file is deleted offers it no second
// time, whatever became of the draft meanwhile.

import type { FileCount } from "../core/record";
import { type Db, meta, type Tx } from "../db/schema";
import { INBOX, laidAs, type Source } from "./inbox";

export function trayOf({ name }: Db): string {
  return `${INBOX} ${name}`;
}

/** Another window may be at it, or be frozen amid it. */
const WAIT_MS = 2_000;

/**
 * What lies in the inbox becomes this officer's. Called where their screens are looked at, behind the lock. Rejects on
 * a full phone, and where another window has it for long: it stays there then.
 */
export async function claimInbox(db: Db): Promise<void> {
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), WAIT_MS);
  await navigator.locks.request(INBOX, { signal: wait.signal }, async () => {
    clearTimeout(timer);
    await deleteTaken(db);
    const tray = await caches.open(trayOf(db));
    const inbox = await caches.open(INBOX);
    for (const key of await inbox.keys()) {
      // In both: a page was killed amid this. The tray is asked first, because `takeOut` deletes from it last.
      const held = !(await tray.match(key)) && (await inbox.match(key));
      if (held) await tray.put(key, held);
      await inbox.delete(key);
    }
  });
}

/** What waits for this officer. */
export async function trayFiles(db: Db): Promise<readonly Request[]> {
  // Read before the tray: a file is deleted there before its note is.
  const taken = await takenFiles(db);
  const keys = await (await caches.open(trayOf(db))).keys();
  return keys.filter(({ url }) => !taken.includes(url));
}

/** The photos of it: a form takes those apart from the PDF files. */
export async function trayPhotos(db: Db): Promise<readonly Request[]> {
  return (await trayFiles(db)).filter((key) => laidAs(key).pdf === undefined);
}

export async function trayPdfs(db: Db): Promise<readonly Request[]> {
  return (await trayFiles(db)).filter((key) => laidAs(key).pdf !== undefined);
}

export function countTray(keys: readonly Request[]): FileCount {
  const pdfs = keys.filter((key) => laidAs(key).pdf !== undefined).length;
  return { photos: keys.length - pdfs, pdfs };
}

/** They are taken in by one at a time, in whichever window; false, and nothing done, while that is under way. */
export function takeInAlone(takeIn: () => Promise<void>): Promise<boolean> {
  return navigator.locks.request("loa-together", { ifAvailable: true }, async (lock) => {
    if (lock) await takeIn();
    return lock !== null;
  });
}

/** With its source, as a photo is taken in; undefined if another window let it go meanwhile. */
export async function fileOf(key: Request): Promise<[Blob, Source] | undefined> {
  const held = await caches.match(key);
  return held && [await held.blob(), laidAs(key).source];
}

/** A PDF under the name that it came by; undefined if another window let it go meanwhile. */
export async function pdfOf(key: Request): Promise<File | undefined> {
  const held = await caches.match(key);
  const { pdf = "", at } = laidAs(key);
  return held && new File([await held.blob()], pdf, { type: "application/pdf", lastModified: at });
}

/** Deletes a file: from the inbox too, where a claim that was killed may have left it. */
export async function takeOut(db: Db, key: Request | string): Promise<void> {
  for (const name of [INBOX, trayOf(db)]) await (await caches.open(name)).delete(key);
}

/** Notes that what a file holds is in a draft, in the transaction that puts it there. */
export async function noteTaken(tx: Tx, { url }: Request): Promise<void> {
  const taken = (await meta(tx, "taken")) ?? [];
  if (!taken.includes(url)) await tx.put("meta", [...taken, url], "taken");
}

async function takenFiles(db: Db): Promise<string[]> {
  const drafts = await db.getAll("drafts");
  return [...((await meta(db, "taken")) ?? []), ...drafts.flatMap(({ file }) => file ?? [])];
}

/** Deletes taken files, then their notes. */
async function deleteTaken(db: Db): Promise<void> {
  const gone = await takenFiles(db);
  for (const file of gone) await takeOut(db, file);
  if (!(await meta(db, "taken"))) return;
  await db.atomically(async (tx) => {
    const left = (await meta(tx, "taken"))?.filter((file) => !gone.includes(file)) ?? [];
    await (left.length > 0 ? tx.put("meta", left, "taken") : tx.delete("meta", "taken"));
  });
}
