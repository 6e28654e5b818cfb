// The lists of the home screen, read by the page from indexes, so that 5,000 records cost what 50 do.
import type { Due } from "../core/due";
import type { Delivery } from "../core/view";
import { type Db, type ListName, meta, type RecordRow, type UploadRow } from "./schema";

export const PAGE = 50;

/** The newest on this phone first. */
export function newest(db: Db, campaign: string, list: ListName, most: number): Promise<RecordRow[]> {
  const range = IDBKeyRange.bound([campaign, list], [campaign, list, []]); // no number is beyond []
  return db.getAll("records", "list", range, most);
}

export function needing(db: Db, campaign: string, what: "returned" | "conflict"): Promise<RecordRow[]> {
  return db.getAll("records", "attention", [campaign, what]);
}

/** What is to be asked by that day (core/due.ts), the longest due first. */
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

export interface Status {
  readonly on_phone: number;
  readonly received: number;
  readonly verified: number;
  readonly refused: number;
  /** Photos (not files) with bytes that still have to go; and those whose bytes all went, which the server has not verified. */
  readonly photos: number;
  readonly photos_sent: number;
  /** Answers to returns; photos that came together and are no records yet. */
  readonly replies: number;
  readonly batch: number;
}

/** The status line of the whole phone, every campaign: what is unsent is unsent. */
export async function status(db: Db): Promise<Status> {
  const count = (delivery: Delivery) => db.count("records", "delivery", delivery);
  const files = (state: UploadRow["state"]) => db.getAll("uploads", "state", state);
  // Asked all at once, so all of them tell of the same moment.
  const [on_phone, received, verified, refused, waiting, sent, answers, drafts] = await Promise.all([
    count("on_phone"),
    count("received"),
    count("verified"),
    count("refused"),
    files("waiting"),
    files("sent"),
    meta(db, "replies"),
    db.getAll("drafts"),
  ]);
  const replies = Object.keys(answers ?? {}).length;
  const batch = drafts.filter((one) => one.batch).length;
  const photos = photoCount(waiting);
  const photos_sent = photoCount([...waiting, ...sent]) - photos;
  return { on_phone, received, verified, refused, photos, photos_sent, replies, batch };
}

function photoCount(uploads: readonly UploadRow[]): number {
  return new Set(uploads.map((row) => row.record + row.field)).size;
}
