// Where what the officer made is kept: one database per officer on this phone, apart from anything a cache or an
// update may clear (SPEC H-2). Photos are ArrayBuffers: WebKit's Blobs in IndexedDB are not to be relied on.

import type { Drawn } from "../core/draft";
import type { HistoryPage } from "../core/history";
import type { CursorRow, Noted, Push } from "../core/protocol";
import type { Fields, MessageEntry, ReplyEntry, SealEntry, Values } from "../core/record";
import type { LineVersion } from "../core/regimes";
import type { Counted, Sums } from "../core/sums";
import type { Carried, Decision, Due, Message, Sent, State, View } from "../core/view";
import type { Catalog, Left } from "./catalog";
import { type Database, type Layout, open, type Rows } from "./open";

/** An own write: never changed, only its fate is (SPEC W-4). */
export interface WriteRow extends Sent {
  /** Order of making on this phone; never travels. */
  readonly seq?: number;
  readonly id: string;
  readonly record: string;
  /** Kind, and "unit campaign", of the record (SPEC ID-3). */
  readonly kind: string;
  readonly stream: string;
  readonly position?: number | undefined;
  /** When the server first received it, in ms of its clock; stays when a restore puts the write back (SPEC L-13, L-15). */
  readonly received?: number | undefined;
  /** Why it was refused, or waits (`later`), and where. */
  readonly code?: string | undefined;
  readonly field?: string | null | undefined;
  /** The server's time when it first lacked the creation of the record (SPEC X-5). */
  readonly orphan_since?: number | undefined;
}

/** Those shown, those deleted, and acts, which no list shows (a nil report). */
export type ListName = "shown" | "deleted" | "act";

/** A record: what was pulled (`base`), and what is shown of it (`view`), made anew whenever a part changes. */
export interface RecordRow {
  readonly record: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  /** The server's number, or a provisional one of this device. */
  readonly number: string;
  readonly base: Fields;
  /** The position of the last write that the server listed (SPEC L-3). */
  readonly written?: number | undefined;
  /** When the server first received the latest write that it listed, in ms of its clock (SPEC L-13). */
  readonly received?: number | undefined;
  /** The last position and the latest receipt of any of its writes, own ones too: its marks of lateness hang on them. */
  readonly last: number;
  readonly came?: number;
  readonly decision: Decision | null;
  /** The last questions and answers about it, the oldest first (SPEC D-15). */
  readonly messages?: readonly Message[] | undefined;
  /** Of one that is counted: what counts of it, whatever was written since (core/sums.ts). */
  readonly counted?: Counted | undefined;
  /** Order and day of arriving on this phone: lists hang on no phone's clock (G5). */
  readonly order: number;
  readonly day: string;
  readonly view: View;
  /** Keys of the lists: the newest has the least number, and comes first. */
  readonly list: readonly [string, ListName, number];
  readonly attention: readonly [string, "returned" | "conflict"] | null;
  /** What its kind has the officer asked, and until or from which day (core/view.ts). */
  readonly due: readonly [string, ...Due] | null;
  /**
   * The campaign, and in which order the decision in force, or what was said above since, came to this phone: the newest has the least
   * number. Its id. A name of the disk, from older builds.
   */
  readonly told?: readonly [string, number, string] | null | undefined;
  /** What `told` was before its stream came anew, in no list: a decision that comes again is not new. */
  readonly formerNotice?: RecordRow["told"];
}

/** What a search looks through, apart from the records: thousands of these are read in the time of a key stroke. */
export interface WordsRow extends Pick<RecordRow, "record" | "campaign" | "kind" | "order"> {
  readonly state: State;
  /** What the district asks for, whatever the state: a draft that was returned too. */
  readonly returned?: boolean;
  readonly text: string;
  /** The day that it is of; apps before this kept none. */
  readonly on?: string;
}

/** An unfinished form: `drawn` is what was on the screen, `id` the id of the write it will make. */
export interface DraftRow {
  readonly id: string;
  readonly record: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  readonly drawn: Drawn;
  readonly now: Values;
  /** The registers of days that one tap said were aired as planned: they follow the schedule (SPEC F-23). */
  readonly as_planned?: readonly string[];
  /** Nothing was entered yet: let go with its screen, shown nowhere. */
  readonly untouched?: boolean;
  /** Begun while the phone's clock may have been wrong: its days too. */
  readonly unsure?: boolean;
  /** Of several made of photos that came together, what it began with: after it comes another of them. */
  readonly batch?: Values;
  /** Of those that came together, the how manieth as picked, and of how many; and what was remarked of its photo. */
  readonly nth?: readonly [number, number];
  readonly remark?: "dark" | "blurred" | undefined;
  /** The file in the tray that its photo was made of: apps before this noted it here, not under `taken`. */
  readonly file?: string;
  /** Own refused writes that this form corrects (SPEC H-3, W-4). */
  readonly corrects: readonly string[];
  /** The record whose creation was refused and that this one stands for (W-2), and what that one said when the form was drawn. */
  readonly replaces?: string;
  readonly replaced?: Values;
}

/** A shot or a file as it came: on the disk before anything is done with it (SPEC P-21). Its bytes lie in `originals`. */
export interface CaptureRow {
  readonly id: string;
  /** The draft that it belongs to, and what that one is of; a draft that is gone leaves it to home. */
  readonly draft: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  readonly is: "photo" | "pdf";
  readonly type: string;
  /** Of a PDF. */
  readonly name: string;
  readonly size_bytes: number;
  readonly source: "camera" | "phone" | "gallery" | "forwarded";
  /** Of the app's own camera; every other photo says it itself. */
  readonly taken_at?: number | undefined;
  readonly added_at: number;
  /** How far the clock that its EXIF was read off was behind, in ms, as far as this phone knows; none where that was not sure. */
  readonly behind?: number | undefined;
  /** The register of the photo that it takes the place of. */
  readonly instead?: string | undefined;
  /** Why it could not be taken in when it was tried last. */
  readonly code?: string | undefined;
  /** How often it was begun by a page that did not come to an end with it: killed, as for want of memory. */
  readonly tries?: number | undefined;
  /** The record that its form changes or takes the place of: a purge of that one takes it along (SPEC L-12). */
  readonly over?: string | undefined;
}

/** One file on its way: a photo, or its thumbnail. The bytes lie in `bytes` under the same hash. */
export interface UploadRow extends Carried {
  readonly sha256: string;
  readonly role: "thumb" | "full";
  readonly record: string;
  readonly stream: string;
  readonly size_bytes: number;
  readonly sent_bytes: number;
  readonly code?: string | undefined;
  readonly verified_at?: number | undefined;
}

/** What the outbox holds beside writes (SPEC X-62). Like these it never changes once sent, only its fate does. */
export interface EntryRow {
  readonly id: string;
  readonly state: "pending" | "stored" | "refused";
  readonly wire: ReplyEntry | MessageEntry | SealEntry;
  /** Their order, by this phone's clock when it was made. */
  readonly made: number;
  /** When the server first received it, in ms of its clock; stays when a restore puts it back (SPEC L-15). */
  readonly received?: number | undefined;
  /** When the server last said that it has it, in ms of its clock: kept for 30 days from then on (SPEC H-2). Apps before noted none. */
  readonly stored_at?: number | undefined;
  /** As of a write: the server's time when it first lacked the record (SPEC X-31). */
  readonly orphan_since?: number | undefined;
  /** It went, whatever came of it. */
  readonly sent?: boolean;
  /** Why it was not taken. */
  readonly code?: string | undefined;
}

/** What happened to a record, as the server sent it last (SPEC X-66). Goes with its record. */
export interface HistoryRow extends HistoryPage {
  readonly record: string;
  /** When, in ms of the server's clock. */
  readonly told_at: number;
}

/** An answer to a return as apps before entries kept it. */
export interface OldReply {
  readonly id: string;
  readonly record: string;
  readonly text: string;
  readonly at: number;
  readonly code?: string;
}

/** An answer for a whole kind in a campaign; null: not known yet. */
export interface KindAnswer {
  readonly value: boolean | null;
  readonly records: readonly string[];
}

export interface Meta {
  catalog: Catalog;
  /** Units that this officer had and has no more: some of their records may be here still (L-10). */
  left: readonly Left[];
  /** Server clock minus phone clock. */
  offset_ms: number;
  exchanged_at: number;
  order: number;
  numbers: Readonly<Record<string, number>>;
  campaign: string;
  /** By unit and campaign, the figures that the server would take, as it sent them last: confirmed without a network too. */
  sheets: Readonly<Record<string, Sheet>>;
  /** What was written last of those who stand for figures: title and name of a leader seldom change. */
  signers: Readonly<Record<string, string>>;
  /** The return that the practice plays (outbox/practice.ts): of which record, and how many writes that had. */
  practised: { readonly record: string; readonly writes: number; readonly decision: Decision };
  /** The practice was offered, and taken or put off. */
  practice_offered: boolean;
  /** By campaign, up to which decision the officer has looked at the feedback (db/queries.ts). */
  news_seen: Readonly<Record<string, number>>;
  /** By unit and campaign; not there until it is reckoned anew (records.ts). Apps before this kept others, under `sums`. */
  totals: Sums;
  /** The rules by which `totals` and the rows of `words` were made (records.ts); apps before this kept none. */
  reckoned_by: number;
  /** The form that is open: where a page that was killed goes on. */
  form: string;
  /** Untouched forms that an earlier pruning found nobody in: the next one lets them go (prune.ts). */
  left_untouched: readonly string[];
  /** Addresses of files in the tray whose photo is in a draft, or was: they are only to be deleted (photos/tray.ts). */
  taken: readonly string[];
  /** Lines of the table of support that the server took over, and the name of the newest version (SPEC F-15). */
  regimes: { readonly version: string; readonly lines: readonly LineVersion[] };
  /** Last values by kind, and lists of texts for `suggest`. */
  defaults: Readonly<Record<string, Values>>;
  texts: Readonly<Record<string, readonly string[]>>;
  /** By kind, what the last record with a schedule said that may hold again. */
  previous: Readonly<Record<string, Values>>;
  /** By campaign and kind, what the officer said of a whole kind's yes or no, and the records that it was written to (F-39). */
  kind_answers: Readonly<Record<string, Readonly<Record<string, KindAnswer>>>>;
  /** Ids of new devices that the officer has acknowledged. */
  understood: readonly string[];
  /** Another phone has taken this one's place. */
  replaced: boolean;
  /** This phone has not reached the server for so long that a new code is needed. */
  idle: boolean;
  /** The app is older than the server takes. */
  outdated: boolean;
  /** Answers to returns of apps before entries, by the decision that they answer: taken over when the database is opened. */
  replies: Readonly<Record<string, OldReply>>;
  /** Originals wait for a network that costs nothing; the last kind that was seen. */
  wifi_only: boolean;
  push: Push;
  /** Ids of what waits still and the worker handed in (worker/hand-in.ts). */
  handed: readonly string[];
  /** Records that the server never took and this phone let go of: which one stands for each, "" for none (F-42). */
  let_go: Readonly<Record<string, string>>;
  /** The moment of the server's last restore that this phone knows of (B-2). */
  restored: number;
  /** The last mark that the server gave, sent back as it came: a database that lacks it is an older copy (B-31). */
  mark: string;
  /** What is unsent is written down outside of this database too (unsent.ts). */
  ledger: boolean;
  /** After a server restore: writes this phone had pulled, by record, until reported to the server. */
  noted: Readonly<Record<string, Noted>>;
  /** The last such report and its server time: sent again if the server is restored within 30 days (B-25). */
  named: Named;
}

/** What the server would take as a unit's figures (`GET /api/v1/figures`). */
export interface Sheet {
  readonly shown: Readonly<Record<string, number>>;
  readonly basis?: string;
  readonly submitted: number;
  readonly drafts: number;
  readonly conflicts: number;
  readonly fresh: boolean;
  readonly sealed_at: number | null;
  readonly sealed_by: string;
  /** Older servers tell of nobody. */
  readonly prepared_by?: string;
  readonly approved_by?: string;
  readonly approved_title?: string;
  readonly approved_on?: string;
  /** Airings of days that have come and that nobody confirmed (SPEC F-21). An older server does not say. */
  readonly unconfirmed?: number;
  readonly figures: readonly (GivenFigure & {
    readonly code: string;
    readonly nil: boolean;
    /** Of a figure with a scale, where what stands beside it is rounded for app 3 (SPEC F-17). */
    readonly digits?: GivenFigure;
  })[];
  /** When this phone got it, in ms of the server's clock. */
  readonly told_at?: number;
}

export interface GivenFigure {
  readonly counted: number;
  readonly waiting: number;
  readonly returned: number;
}

/** What was named to a restored server, and what it did not take: that is named again (B-33). */
export interface Named {
  readonly at: number;
  readonly records: readonly Noted[];
  readonly rest?: readonly Noted[];
  /** When, and by which catalogue, the rest was named last. */
  readonly asked?: number;
  readonly etag?: string | undefined;
}

export interface Schema {
  writes: { row: WriteRow; index: "id" | "record" | "state" };
  entries: { row: EntryRow; index: "state" };
  records: { row: RecordRow; index: "list" | "attention" | "due" | "told" | "delivery" | "stream" };
  words: { row: WordsRow };
  histories: { row: HistoryRow };
  drafts: { row: DraftRow };
  uploads: { row: UploadRow; index: "sha256" | "record" | "state" };
  bytes: { row: ArrayBuffer };
  captures: { row: CaptureRow; index: "draft" };
  originals: { row: ArrayBuffer };
  cursors: { row: CursorRow };
  meta: { row: Meta[keyof Meta] };
}

export type Db = Database<Schema>;
export type Tx = Rows<Schema>;

export const LAYOUT: Layout<Schema> = {
  writes: [
    { keyPath: "seq", autoIncrement: true },
    { id: "id", record: "record", state: "state" },
  ],
  entries: [{ keyPath: "id" }, { state: "state" }],
  records: [
    { keyPath: "record" },
    {
      list: "list",
      attention: "attention",
      due: "due",
      told: "told",
      delivery: "view.delivery",
      stream: ["unit", "campaign"],
    },
  ],
  words: [{ keyPath: "record" }],
  histories: [{ keyPath: "record" }],
  drafts: [{ keyPath: "id" }],
  uploads: [{ keyPath: ["sha256", "record"] }, { sha256: "sha256", record: "record", state: "state" }],
  bytes: [],
  captures: [{ keyPath: "id" }, { draft: "draft" }],
  originals: [],
  cursors: [{ keyPath: ["unit", "campaign"] }],
  meta: [],
};

export async function meta<K extends keyof Meta>(rows: Tx, key: K): Promise<Meta[K] | undefined> {
  return (await rows.get("meta", key)) as Meta[K] | undefined;
}

// The database of an officer on this phone, and what it lets go where the phone has no room (SPEC P-25): first originals that
// the server verified, oldest first, then thumbnails, which the server gives again. Nothing that is on this phone alone.

const opened: Record<string, Promise<Db>> = {};

/** One that could not be opened is tried again by whoever asks next. */
export function openDevice(name: string): Promise<Db> {
  opened[name] ??= opening(name).catch((error: unknown) => {
    delete opened[name];
    throw error;
  });
  return opened[name];
}

async function opening(name: string): Promise<Db> {
  const db = await open(name, LAYOUT, 7, makeRoom);
  // Where it finds no room it stays as it is, until the database is opened again.
  await takeOverReplies(db).catch(() => undefined);
  return db;
}

/** Takes over what an app before entries kept, with its id: the server may have it. */
function takeOverReplies(db: Db): Promise<void> {
  return db.atomically(async (tx) => {
    const old = await meta(tx, "replies");
    for (const [decision, { id, record, text, at, code }] of Object.entries(old ?? {})) {
      const wire = { id, reply: { record, decision, text, at } };
      await tx.put("entries", { id, state: code ? "refused" : "pending", made: at, wire, code });
    }
    if (old) await tx.delete("meta", "replies");
  });
}

/** The cache of thumbnails of others. */
export function thumbsOf({ name }: Pick<Db, "name">): string {
  return `loa-thumbs-${name}`;
}

/** As much at once as a photo with all that is written beside it takes. */
const AT_ONCE_BYTES = 250_000;

/** False where nothing is left to let go. Only deletes: a browser takes that whatever room there is. */
export async function makeRoom(db: Db): Promise<boolean> {
  const freed = await db.atomically(async (tx) => {
    const held = new Set(await tx.getAllKeys("bytes"));
    const uploads = (await tx.getAll("uploads")).filter(({ sha256 }) => held.has(sha256));
    // A form may show it, and a file of a campaign may be it.
    const named = JSON.stringify([await tx.getAll("drafts"), await meta(tx, "catalog")]);
    const needed = new Set(uploads.filter(({ state }) => state !== "verified").map(({ sha256 }) => sha256));
    const safe = uploads.filter(({ sha256 }) => !(needed.has(sha256) || named.includes(sha256)));
    const going = oldest(safe.filter(({ role }) => role === "full"));
    const gone = going.length > 0 ? going : safe;
    for (const { sha256 } of gone) await tx.delete("bytes", sha256);
    return { all: gone.length, thumbs: going.length === 0 };
  });
  const cleared = freed.thumbs && (await caches.delete(thumbsOf(db)).catch(() => false));
  return cleared || freed.all > 0;
}

function oldest(verified: readonly UploadRow[]): UploadRow[] {
  const all = [...verified].sort((a, b) => (a.verified_at ?? 0) - (b.verified_at ?? 0));
  let bytes = 0;
  return all.filter(({ size_bytes }) => {
    bytes += size_bytes;
    return bytes - size_bytes < AT_ONCE_BYTES;
  });
}
