// The lists of the home screen, read by the page from indexes, so that 5,000 records cost what 50 do.

import { countFiles, type FileCount } from "../core/record";
import type { Delivery, Due } from "../core/view";
import { changed } from "../platform/changed";
import { type Db, type EntryRow, type ListName, meta, type RecordRow, type UploadRow } from "./schema";

export const PAGE = 50;

/** The newest on this phone first. */
export function newest(db: Db, campaign: string, list: ListName, most: number): Promise<RecordRow[]> {
  const range = IDBKeyRange.bound([campaign, list], [campaign, list, []]); // no number is beyond []
  return db.getAll("records", "list", range, most);
}

export function needing(db: Db, campaign: string, what: "returned" | "conflict"): Promise<RecordRow[]> {
  return db.getAll("records", "attention", [campaign, what]);
}

/** What is to be asked by that day (core/view.ts), the longest due first. */
export function due(db: Db, campaign: string, what: Due[0], day: string): Promise<RecordRow[]> {
  return db.getAll("records", "due", dueBy(campaign, what, day), PAGE);
}

/** How many those are, beyond the page too. */
export function dueCount(db: Db, campaign: string, what: Due[0], day: string): Promise<number> {
  return db.count("records", "due", dueBy(campaign, what, day));
}

function dueBy(campaign: string, what: Due[0], day: string): IDBKeyRange {
  return IDBKeyRange.bound([campaign, what], [campaign, what, day]);
}

/** Records with their decisions as these came, the newest first. */
export function notices(db: Db, campaign: string, most: number): Promise<RecordRow[]> {
  return db.getAll("records", "told", IDBKeyRange.bound([campaign], [campaign, []]), most);
}

/** Those of them that the officer has not looked at; of a first pull none. */
export async function newNotices(db: Db, campaign: string): Promise<RecordRow[]> {
  const seen = (await meta(db, "news_seen"))?.[campaign] ?? 0;
  return db.getAll("records", "told", IDBKeyRange.bound([campaign], [campaign, seen], false, true), PAGE);
}

/** Notes that the officer has looked at all that came so far. */
export async function lookedAt(db: Db, campaign: string): Promise<void> {
  const [first] = await notices(db, campaign, 1);
  const seen = Math.min(first?.told?.[1] ?? 0, 0);
  await db.atomically(
    async (tx) => {
      const before = (await meta(tx, "news_seen")) ?? {};
      if (seen < (before[campaign] ?? 0)) await tx.put("meta", { ...before, [campaign]: seen }, "news_seen");
    },
    ["meta"],
  );
  changed();
}

export interface Status {
  readonly on_phone: number;
  readonly received: number;
  readonly verified: number;
  readonly refused: number;
  /** Those with bytes that still have to go; those whose bytes all went, which the server has not verified. */
  readonly files: FileCount;
  readonly files_sent: FileCount;
  /** Of both, those that the records `received` wait for. */
  readonly files_left: FileCount;
  /** Answers to returns and messages; figures that were confirmed: those that wait, and those that were not taken. */
  readonly replies: number;
  readonly replies_refused: number;
  readonly seals: number;
  readonly seals_refused: number;
  /** Photos that came together and are no records yet. */
  readonly batch: number;
}

/** The status line of the whole phone, every campaign: what is unsent is unsent. */
export async function status(db: Db): Promise<Status> {
  const count = (delivery: Delivery) => db.count("records", "delivery", delivery);
  const uploads = (state: UploadRow["state"]) => db.getAll("uploads", "state", state);
  // Asked all at once, so all of them tell of the same moment.
  const [on_phone, got, verified, refused, waiting, sent, answers, drafts] = await Promise.all([
    count("on_phone"),
    db.getAllKeys("records", "delivery", "received"),
    count("verified"),
    count("refused"),
    uploads("waiting"),
    uploads("sent"),
    db.getAll("entries"),
    db.getAll("drafts"),
  ]);
  const entries = (are: EntryRow["state"], seal: boolean) =>
    answers.filter(({ state, wire }) => state === are && "seal" in wire === seal).length;
  const batch = drafts.filter((one) => one.batch).length;
  const received = got.length;
  const files = countFiles(waiting);
  const unverified = [...waiting, ...sent];
  const all = countFiles(unverified);
  const files_sent = { photos: all.photos - files.photos, pdfs: all.pdfs - files.pdfs };
  const records = new Set(got);
  const files_left = countFiles(unverified.filter(({ record }) => records.has(record)));
  return {
    ...{ on_phone, received, verified, refused, files, files_sent, files_left, batch },
    replies: entries("pending", false),
    replies_refused: entries("refused", false),
    seals: entries("pending", true),
    seals_refused: entries("refused", true),
  };
}
