// A server that lost its last hours gets them back from this phone (SPEC B-2, B-3).

import { seenOf } from "../core/record";
import { KEPT_MS } from "../db/prune";
import { rowOf } from "../db/records";
import {
  type Db,
  meta,
  type Noted,
  type RecordRow,
  type Tx,
  type UploadRow,
  type WriteRow,
} from "../db/schema";

/** B-2: all own writes and photos that are kept go again, in the order they were made; but for writes that are `there`. */
export async function bringBack(tx: Tx, there: ReadonlySet<string> = new Set()): Promise<void> {
  const writes = (await tx.getAll("writes")).filter(({ id }) => !there.has(id));
  await putBack(tx, writes, await tx.getAll("uploads"));
  const { at = 0, records = [] } = (await meta(tx, "named")) ?? {};
  const late = at + KEPT_MS < ((await meta(tx, "exchanged_at")) ?? 0);
  await add(tx, late ? [] : records);
}

/** Puts those of these writes that were stored back into the outbox, and asks for verified photos again. */
export async function putBack(
  tx: Tx,
  writes: readonly WriteRow[],
  uploads: readonly UploadRow[],
): Promise<void> {
  for (const row of writes) {
    if (row.state !== "stored" && row.state !== "landed") continue;
    const { record, kind, stream } = row;
    const [unit = "", campaign = ""] = stream.split(" ");
    // Of a stream out of scope no record is here (L-10): it is shown again until the server has it.
    const held = await rowOf(tx, { record, kind, unit, campaign }, "");
    await tx.put("records", held);
    const based = row.state === "landed" && Object.keys(held.base).length > 0;
    // L-15: stored before this app noted when; some moment long ago, so that the server takes it for no new one.
    const received = row.received ?? 1;
    await tx.put("writes", { ...row, state: "pending", position: undefined, based, received });
  }
  for (const row of uploads) {
    if (row.state === "verified") await tx.put("uploads", { ...row, state: "sent", verified_at: undefined });
  }
}

/** Notes what is held of records before it is replaced or dropped. */
export function noteHeld(tx: Tx, rows: readonly RecordRow[]): Promise<void> {
  return add(
    tx,
    rows.map(({ base, ...row }) => ({ ...row, writes: seenOf(base) })),
  );
}

/** Adds to what was noted before and not yet named to the server. */
async function add(tx: Tx, rows: readonly Noted[]): Promise<void> {
  const noted: Record<string, Noted> = { ...(await meta(tx, "noted")) };
  for (const { record, unit, campaign, number, writes } of rows) {
    const all = [...new Set([...(noted[record]?.writes ?? []), ...writes])];
    noted[record] = { record, unit, campaign, number, writes: all };
  }
  await tx.put("meta", noted, "noted");
}

/** Notes that these were named to the server. Kept for another restore, by which it loses that list too. */
export function markNamed(db: Db, records: readonly Noted[]): Promise<void> {
  return db.atomically(async (tx) => {
    await tx.put("meta", { at: (await meta(tx, "exchanged_at")) ?? 0, records }, "named");
    await tx.delete("meta", "noted");
  });
}

/** The noted writes that pulled records lack, without those that wait here. */
export async function lackingNow(db: Db): Promise<Noted[]> {
  const waiting = (await db.getAll("writes", "state", "pending")).map((write) => write.id);
  const missing: Noted[] = [];
  for (const one of Object.values((await meta(db, "noted")) ?? {})) {
    const base = (await db.get("records", one.record))?.base ?? {};
    const have = new Set([...waiting, ...seenOf(base)]);
    const writes = one.writes.filter((id) => !have.has(id));
    if (writes.length > 0) missing.push({ ...one, writes });
  }
  return missing;
}
