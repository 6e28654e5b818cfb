// A server that lost its last hours gets them back from this phone (SPEC B-2 to B-31). All that the exchange does for that is
// here and in the rows of `next` that name (reducer.ts): without it a phone sends and receives as before, and brings nothing back.

import type { Noted } from "../core/protocol";
import { seenOf } from "../core/record";
import { isLongKept, KEPT_MS } from "../db/prune";
import { newRow } from "../db/records";
import { type Db, meta, type Named, type RecordRow, type UploadRow, type WriteRow } from "../db/schema";
import { metaOf, type Tables } from "./tables";

/** B-19: all own writes and photos that are kept go again, in the order they were made. */
export function bringBack(rows: Tables): void {
  putBack(rows, [...rows.writes.values()], [...rows.uploads.values()]);
  // they go behind all writes.
  const now = metaOf(rows, "exchanged_at") ?? 0;
  for (const [id, row] of rows.entries) {
    if (row.state !== "stored" || isLongKept(row, now)) continue;
    rows.entries.set(id, { ...row, state: "pending", received: row.received ?? 1 });
  }
  const { at = 0, records = [] } = metaOf(rows, "named") ?? {};
  const late = at + KEPT_MS < now;
  note(rows, late ? [] : records);
}

/** Puts those of these writes that were stored back into the outbox, and asks for verified photos again. */
export function putBack(rows: Tables, writes: readonly WriteRow[], uploads: readonly UploadRow[]): void {
  for (const row of writes) {
    if (row.state !== "stored" && row.state !== "landed") continue;
    const { seq = 0, record, kind, stream } = row;
    const [unit = "", campaign = ""] = stream.split(" ");
    // Of a stream out of scope no record is here (L-10): it is shown again until the server has it.
    const held = heldOrNew(rows, { record, kind, unit, campaign }, "");
    rows.records.set(record, { ...held });
    // L-15: stored before this app noted when; some moment long ago, so that the server takes it for no new one.
    const received = row.received ?? 1;
    rows.writes.set(seq, { ...row, state: "pending", position: undefined, received });
  }
  for (const row of uploads) {
    if (row.state !== "verified") continue;
    rows.uploads.set(`${row.sha256} ${row.record}`, { ...row, state: "sent", verified_at: undefined });
  }
}

/** The row of a record, or a new one at the end of the list. */
export function heldOrNew(rows: Tables, seed: Parameters<typeof newRow>[0], day: string): RecordRow {
  const held = rows.records.get(seed.record);
  if (held) return held;
  const order = (metaOf(rows, "order") ?? 0) + 1;
  rows.meta.set("order", order);
  return newRow(seed, order, day);
}

/** B-3: notes what is held of records before it is replaced or dropped. */
export function noteHeld(rows: Tables, records: readonly RecordRow[]): void {
  note(
    rows,
    records.map(({ base, ...row }) => ({ ...row, writes: seenOf(base) })),
  );
}

/** B-25: keeps what is dropped of these as if it had been named, for a restore within 30 days. */
export function keepForRestore(rows: Tables, records: readonly RecordRow[]): void {
  const named = metaOf(rows, "named");
  const before = new Set(named?.records.map(({ record }) => record));
  const fresh = records.filter(({ record, base }) => !before.has(record) && seenOf(base).length > 0);
  if (fresh.length === 0) return;
  const noted = fresh.map(({ record, unit, campaign, number, base }) => {
    return { record, unit, campaign, number, writes: seenOf(base) };
  });
  const at = metaOf(rows, "exchanged_at") ?? 0;
  rows.meta.set("named", { ...named, at, records: [...(named?.records ?? []), ...noted] });
}

/** Adds to what was noted before and not yet named to the server. */
function note(rows: Tables, records: readonly Noted[]): void {
  rows.meta.set("noted", together(Object.values(metaOf(rows, "noted") ?? {}), records));
}

/** By record, with the writes of both; the latter says the number. */
function together(before: readonly Noted[], now: readonly Noted[]): Record<string, Noted> {
  const all: Record<string, Noted> = {};
  for (const { record, unit, campaign, number, writes } of [...before, ...now]) {
    const both = [...new Set([...(all[record]?.writes ?? []), ...writes])];
    all[record] = { record, unit, campaign, number, writes: both };
  }
  return all;
}

/** What was named before and is younger than 30 days (B-25). */
function stillKept(named: Named | undefined, now: number): Named | undefined {
  return named && named.at + KEPT_MS >= now ? named : undefined;
}

/** What the server did not take is named again after so long, or with another catalogue (B-33). */
const AGAIN_MS = 86_400_000;

/** Notes that these were named to the server, and which of them it took. Kept for another restore, by which it loses that list too. */
export function markNamed(db: Db, known: readonly Noted[], taken: ReadonlySet<string>): Promise<void> {
  return db.atomically(async (tx) => {
    const asked = (await meta(tx, "exchanged_at")) ?? 0;
    const before = await meta(tx, "named");
    const first = await meta(tx, "noted");
    const kept = Object.values(together(stillKept(before, asked)?.records ?? [], known));
    const { at, records } = first || !before ? { at: asked, records: kept } : before;
    const rest = known.filter(({ record }) => !taken.has(record));
    const etag = (await meta(tx, "catalog"))?.etag;
    await tx.put("meta", { at, records, rest, asked, etag }, "named");
    await tx.delete("meta", "noted");
  });
}

/** Whether something is to be named that a server did not take before. */
export function namesAgain(named: Named | undefined, now: number, etag: string | undefined): boolean {
  if (!(named && stillKept(named, now)?.rest?.length)) return false;
  return named.etag !== etag || (named.asked ?? 0) + AGAIN_MS <= now;
}

/** The noted writes that pulled records lack, without those that wait here, and so of what was not taken before (B-33). */
export async function lackingNow(db: Db): Promise<Noted[]> {
  const waiting = (await db.getAll("writes", "state", "pending")).map((write) => write.id);
  const noted = Object.values((await meta(db, "noted")) ?? {});
  const before = stillKept(await meta(db, "named"), (await meta(db, "exchanged_at")) ?? 0);
  const missing: Noted[] = [];
  for (const one of Object.values(together(before?.rest ?? [], noted))) {
    const base = (await db.get("records", one.record))?.base ?? {};
    const have = new Set([...waiting, ...seenOf(base)]);
    const writes = one.writes.filter((id) => !have.has(id));
    if (writes.length > 0) missing.push({ ...one, writes });
  }
  return missing;
}
