// What an answer does to the rows of this phone: its head at once, then each block with its cursors (SPEC ). Both are
// pure: from the rows that a transaction read (tables.ts) to those that it is to put and delete.

import {
  type AnsweredCursor,
  APP,
  type Before,
  type Block,
  type Change,
  type Cursor,
  type CursorRow,
  type Head,
  type Push,
  type Request,
  type Result,
  resultsOf,
} from "../core/protocol";
import { applyChange, lay, recordOf } from "../core/record";
import { streamOf } from "../core/sums";
import { saidAbove } from "../core/view";
import { KEPT_MS } from "../db/prune";
import { noticeBefore } from "../db/records";
import type { RecordRow, WriteRow } from "../db/schema";
import { isStored, keptPhoto } from "../outbox/refused";
import { dayOf } from "../platform/clock";
import { bringBack, heldOrNew, keepForRestore, noteHeld, putBack } from "./restored";
import { type Changes, changesFrom, copyOf, metaOf, type Tables } from "./tables";

/** As they are sent. */
export function cursorsOf(rows: Iterable<CursorRow>): Cursor[] {
  return [...rows].map(({ sealed: _s, closed: _c, ...cursor }) => cursor);
}

/** Whether the cursors are these still: another tab may have moved them. */
function stand({ cursors }: Tables, known: readonly Cursor[]): boolean {
  return JSON.stringify(cursorsOf(cursors.values())) === JSON.stringify(known);
}

/**
 * Takes the results of the push and what is said of photos: they hold, whatever becomes of the changes behind them.
 * Undefined where another tab moved the cursors since this was asked, or knows of another restore. The answer counts as lost
 * then, because it may be older than a restore.
 */
export function applyHead(
  before: Tables,
  head: Head,
  asked: Pick<Request, "restored" | "cursors">,
  push?: Push,
): (Changes & { readonly goesOn: boolean }) | undefined {
  const { restored, mark, server_time, minimum_app, replaced = false, idle = false } = head;
  const known = metaOf(before, "restored");
  if (known !== asked.restored || !stand(before, asked.cursors)) return undefined;
  const rows = copyOf(before);
  const back = restored !== known;
  // Results are judged behind it: what this request brought is stored there now.
  if (back) startAnew(rows, head);
  judgeWrites(rows, head, push);
  judgePhotos(rows, head);
  if (mark) rows.meta.set("mark", mark);
  rows.meta.set("exchanged_at", server_time);
  rows.meta.set("outdated", minimum_app > APP);
  rows.meta.set("replaced", replaced);
  rows.meta.set("idle", idle);
  // B-18: after a restore the changes belong to cursors that are no more; an app that is too old keeps them.
  const goesOn = !(back && before.cursors.size > 0) || minimum_app > APP;
  return { ...changesFrom(before, rows), goesOn };
}

/** B-18: the server was restored. */
function startAnew(rows: Tables, { restored, minimum_app }: Head): void {
  bringBack(rows);
  // What was pulled may have come from the hours that were lost: every stream is pulled from zero.
  for (const cursor of minimum_app <= APP ? [...rows.cursors.values()] : []) {
    reset(rows, cursor);
    rows.cursors.delete(streamOf(cursor));
  }
  // None: it was put back to before it was ever restored, and cannot know it yet.
  if (restored) rows.meta.set("restored", restored);
  else rows.meta.delete("restored");
}

/** `push` is the one that the answer is about: it counts as lost no more. */
function judgeWrites(rows: Tables, head: Head, push: Push | undefined): void {
  if (push && metaOf(rows, "push")?.id === push.id) rows.meta.delete("push");
  const places = new Map([...rows.writes].map(([seq, { id }]) => [id, seq]));
  for (const said of resultsOf(head, push)) {
    const { id, number, position, code, field } = said;
    const seq = places.get(id) ?? 0;
    const held = rows.writes.get(seq);
    const other = rows.entries.get(id);
    const record = held?.record ?? (other && recordOf(other.wire));
    const waits = [held, other].some((row) => row && row.state !== "stored" && row.state !== "landed");
    // L-12: before its stream is there again, no change can say so (B-9).
    if (code === "purged" && record && waits) {
      purge(rows, record);
      continue;
    }
    judgeEntry(rows, said, head);
    // Discarded meanwhile, or known to be stored already: nothing can follow from this answer.
    if (!held || held.state === "stored" || held.state === "landed") continue;
    rows.writes.set(seq, { ...held, position, code, field, ...fateOf(rows, held, said, head) });
    keepTheirs(rows, held.record);
    const row = number && rows.records.get(held.record);
    if (row) rows.records.set(row.record, { ...row, number });
  }
}

/** What it changed comes with the changes. */
function judgeEntry(rows: Tables, { id, result, received, code }: Result, head: Head): void {
  const held = rows.entries.get(id);
  if (!held || held.state === "stored") return;
  // Its record was let go while this was asked: it goes nowhere, unless it is there.
  if (held.code === "record_let_go" && result !== "stored") return;
  const state = result === "later" ? "pending" : result;
  const first = state === "stored" ? (received ?? head.server_time) : held.received;
  const stored_at = state === "stored" ? head.server_time : held.stored_at;
  const why = state === "refused" ? code : undefined;
  const record = recordOf(held.wire);
  const waits =
    record !== undefined ? orphaned(rows, { record, orphan_since: held.orphan_since }, head, code) : {};
  rows.entries.set(id, { ...held, state, received: first, stored_at, code: why, ...waits });
}

/** What one result makes of a write. */
function fateOf(
  rows: Tables,
  held: WriteRow,
  { result, received, code }: Result,
  head: Head,
): Partial<WriteRow> {
  const state = result === "later" ? "pending" : result;
  // L-29: when the server says, else now. Of a lost push it says one moment for all; a write put back by a restore is older.
  const asked = head.asked?.received;
  const then = asked === undefined ? head.server_time : Math.min(asked, held.received ?? asked);
  const first = state === "stored" ? (received ?? then) : held.received;
  return { state, received: first, ...orphaned(rows, held, head, code) };
}

/**
 * B-29: the server holds nothing of the record that an edit or a message is about. If this phone has stored writes of it, the server lost them with all
 * that was pulled of it, and they go again. Else it waits for other phones, by the server's clock (G5) and from the last restore on, and then for
 * its officer.
 */
function orphaned(
  rows: Tables,
  held: Pick<WriteRow, "record" | "orphan_since">,
  { server_time, restored = 0 }: Head,
  code: string | undefined,
): { readonly orphan_since: number | undefined; readonly state?: "refused"; readonly code?: string } {
  if (code !== "create_missing") return { orphan_since: undefined };
  const all = ownOf(rows.writes, held.record);
  const own = all.filter(isStored);
  if (own.length > 0) {
    putBack(rows, own, ownOf(rows.uploads, held.record));
    forget(rows, ownOf(rows.records, held.record));
  }
  // Its create waits here, as for a day to come (F-22): nothing is lost.
  if (all.some(({ id, record, state }) => id === record && state === "pending"))
    return { orphan_since: undefined };
  const orphan_since = held.orphan_since ?? server_time;
  const lost = own.length === 0 && server_time - Math.max(orphan_since, restored) > KEPT_MS;
  return { orphan_since, ...(lost && { state: "refused", code: "create_lost" }) };
}

function ownOf<T extends { readonly record: string }>(rows: ReadonlyMap<unknown, T>, record: string): T[] {
  return [...rows.values()].filter((row) => row.record === record);
}

function keepTheirs(rows: Tables, record: string): void {
  const own = ownOf(rows.writes, record);
  for (const row of ownOf(rows.uploads, record)) {
    const key = `${row.sha256} ${record}`;
    const kept = keptPhoto(own, row);
    if (kept) rows.uploads.set(key, kept);
    else rows.uploads.delete(key);
  }
}

/** P-8. */
function judgePhotos({ uploads }: Tables, { photos, server_time }: Head): void {
  const judged = new Map(photos.map((one) => [one.sha256, one]));
  for (const [key, row] of uploads) {
    const { state, code } = judged.get(row.sha256) ?? {};
    // Only sent ones were asked about. One that waits is the same photo in another stream, where the server lacks it (P-6).
    if (!state || row.state !== "sent") continue;
    uploads.set(key, {
      ...row,
      state: state === "wanted" ? "waiting" : state,
      code,
      sent_bytes: 0,
      verified_at: state === "verified" ? server_time : undefined,
    });
  }
}

/** What is known when a block comes: the head before it, and the cursors behind the last block. */
export interface Taking {
  readonly head: Pick<Head, "minimum_app" | "server_time">;
  readonly cursors: readonly Cursor[];
}

/**
 * The transaction of one block (SPEC X-11, with the same numbers). Null where the cursors are no longer those that it
 * continues from: another tab took it, and nothing is to be done.
 */
export function apply(before: Tables, block: Block, { head, cursors }: Taking): Changes | null {
  if (!stand(before, cursors)) return null;
  const rows = copyOf(before);
  const held = new Map(rows.cursors);
  const outdated = head.minimum_app > APP;

  // 1. Reset: the pulled state of streams that begin anew goes (C-4), and what was held of it is noted before (B-3). Own writes that
  // had landed there go back into the outbox (B-20).
  for (const cursor of block.cursors) {
    if (!cursor.reset) continue;
    held.delete(streamOf(cursor));
    reset(rows, cursor);
  }

  // 2. Changes: each is applied to its record. Of a purged one all goes (L-12).
  for (const change of block.changes) {
    if (change.purged) purge(rows, change.record);
    else applyTo(rows, change, filling(held, streamOf(change)) ? "" : dayOf(head.server_time));
  }

  // 3. Land: own stored writes that the cursors have reached become part of the pulled state.
  land(rows, block, held);

  // 4. Drop: records of streams that are not among the cursors go (L-10).
  leaveStreams(rows, block.cursors, touchedBy(before, rows));

  // 5. Cursors: they stand in place of all that were held (C-3).
  moveCursors(rows, block.cursors, outdated ? held : new Map());
  return changesFrom(before, rows);
}

/** `lines`: where the lines of an app that is too old stay, for it gets none (V-1). */
function moveCursors(rows: Tables, cursors: readonly AnsweredCursor[], lines: Before): void {
  rows.cursors.clear();
  for (const { reset: _r, ...cursor } of cursors) {
    const { sealed, closed } = lines.get(streamOf(cursor)) ?? cursor;
    rows.cursors.set(streamOf(cursor), { ...cursor, sealed, closed });
  }
}

/** C-4: what comes replaces what was pulled; what this phone made is laid over it again until the server has it. */
function reset(rows: Tables, cursor: Cursor): void {
  const stream = streamOf(cursor);
  const pulled = [...rows.records.values()].filter((row) => streamOf(row) === stream);
  const landed = [...rows.writes.values()].filter((row) => row.stream === stream && row.state === "landed");
  const theirs = new Set(landed.map(({ record }) => record));
  const files = [...rows.uploads.values()].filter(({ record }) => theirs.has(record));
  forget(rows, pulled);
  putBack(rows, landed, files);
}

/** Drops what was pulled of these records, and notes it before (B-3). */
function forget(rows: Tables, pulled: readonly RecordRow[]): void {
  noteHeld(rows, pulled);
  for (const row of pulled)
    rows.records.set(row.record, {
      ...row,
      base: {},
      written: undefined,
      decision: null,
      messages: undefined,
      told: null,
      formerNotice: row.told ?? row.formerNotice,
    });
}

/** A first pull is on its way (C-2): what it brings is not today's. */
function filling(held: Before, stream: string): boolean {
  const cursor = held.get(stream);
  return !cursor || (cursor.floor === 0 && cursor.position > 0);
}

function applyTo(rows: Tables, change: Change, day: string): void {
  const row = heldOrNew(rows, change, day);
  const { number, written = row.written, received = row.received, decision, messages } = change;
  rows.records.set(row.record, {
    ...row,
    number: number || row.number,
    written,
    received,
    decision,
    messages,
    told: noticeOf(rows, row, change, day !== ""),
    formerNotice: undefined,
    base: applyChange(row.base, change),
  });
}

/** A decision stands where it came; one of a first pull, which nobody waits for, by when it was made. */
function noticeOf(
  rows: Tables,
  { campaign, formerNotice, told, ...before }: RecordRow,
  { decision, messages }: Pick<Change, "decision" | "messages">,
  fresh: boolean,
): RecordRow["told"] {
  const notice = told ?? formerNotice;
  const said = saidAbove(messages);
  const other = said && said.id !== saidAbove(before.messages)?.id ? said : undefined;
  // A decision that comes with words is what the officer is shown first.
  const latest =
    decision && decision.id !== before.decision?.id && notice?.[2] !== decision.id ? decision : other;
  if (!(latest && fresh)) return noticeBefore({ campaign, decision, messages, told: notice });
  const order = (metaOf(rows, "order") ?? 0) + 1;
  rows.meta.set("order", order);
  return [campaign, -order, latest.id];
}

/** With what waits, what was begun, and shots as they came, of which the form may have gone before. */
function purge(rows: Tables, purged: string): void {
  for (const [seq, { record }] of rows.writes) if (record === purged) rows.writes.delete(seq);
  for (const [key, { record }] of rows.uploads) if (record === purged) rows.uploads.delete(key);
  // Nothing is left that says anything: it goes when the transaction ends (records.ts), out of the sums too.
  const row = rows.records.get(purged);
  if (row) rows.records.set(purged, { ...row, base: {} });
  purgeWhatIsOver(rows, purged);
  const { [purged]: was, ...others } = metaOf(rows, "let_go") ?? {};
  // A form of it that a page has in memory is none of a record that may be made anew (F-42).
  if (was !== undefined) rows.meta.set("let_go", others);
}

/** Forms and words; those over a record for which this one stands, too. */
function purgeWhatIsOver(rows: Tables, purged: string): void {
  const forms = new Set([purged]);
  const letGo = metaOf(rows, "let_go") ?? {};
  const isOver = (record = ""): boolean => record === purged || (record !== "" && isOver(letGo[record]));
  for (const [id, { wire }] of rows.entries) if (isOver(recordOf(wire))) rows.entries.delete(id);
  for (const { id, record, replaces } of rows.drafts.values()) {
    if (!(isOver(record) || isOver(replaces))) continue;
    forms.add(id);
    rows.drafts.delete(id);
  }
  for (const { id, draft, over } of rows.captures.values())
    if (forms.has(draft) || isOver(over)) rows.captures.delete(id);
}

function storedIn({ writes }: Tables): WriteRow[] {
  return [...writes.values()].filter(({ state }) => state === "stored");
}

/** Of a stream out of scope nothing will come, so its writes have landed too. */
function land(rows: Tables, block: Block, held: Before): void {
  const brought = new Set(block.changes.map((change) => change.record));
  const now = new Map<string, AnsweredCursor>(block.cursors.map((cursor) => [streamOf(cursor), cursor]));
  const me = metaOf(rows, "catalog")?.officer.name ?? "";
  for (const row of storedIn(rows)) {
    const { seq = 0, record, stream, wire, position = 0 } = row;
    if (position > (now.get(stream)?.position ?? position)) continue;
    rows.writes.set(seq, { ...row, state: "landed" });
    const there = rows.records.get(record);
    // At or before the cursor that was held: what was pulled has it already.
    if (!there || brought.has(record) || position <= (held.get(stream)?.position ?? 0)) continue;
    rows.records.set(record, { ...there, base: lay(there.base, [wire], me) });
  }
}

function touchedBy(before: Tables, rows: Tables): Set<unknown> {
  return new Set(changesFrom(before, rows).puts.map(([, row]) => (row as Partial<WriteRow>).record));
}

/**
 * L-10: drops records of streams out of scope, never one with something that the server has not verified. Own writes and
 * photos stay for a server that is restored (H-2): they have landed, so nothing shows them.
 */
function leaveStreams(rows: Tables, cursors: readonly Cursor[], touched: ReadonlySet<unknown>): void {
  const scope = new Set(cursors.map(streamOf));
  const left = [...rows.records.values()].filter((row) => !scope.has(streamOf(row)));
  // A stream that a restored server does not name was lost with its unit or campaign.
  if (left.length > 0 && metaOf(rows, "noted")) noteHeld(rows, left);
  // what goes now is named to a server that is restored later.
  if (metaOf(rows, "replaced")) keepForRestore(rows, left);
  for (const row of left) {
    const { record, view } = row;
    // No view yet: it came in this very block. One of which a part was put in this transaction is looked at again
    // at the next: its view tells of before.
    const safe = !touched.has(record) && (!view.delivery || view.delivery === "verified");
    if (!view || safe) rows.records.set(record, { ...row, base: {} });
  }
}
