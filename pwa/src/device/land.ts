// An own write stays laid over the pulled records until its stream's cursor has reached it (SPEC X-10). It lands then:
// with the change that brings it back, or, where the hub does not echo it, by this phone applying it itself.
import { lay } from "../sync/overlay";
import type { Write } from "../sync/write";
import { type CursorRow, metaIn, type Tx, type WriteRow } from "./db";
import type { Reply } from "./protocol";
import { streamOf } from "./records";

export async function land(
  tx: Tx,
  reply: Reply,
  before: ReadonlyMap<string, CursorRow>,
  touched: Set<string>,
): Promise<void> {
  const brought = new Set(reply.changes.map((change) => change.record));
  const unechoed = new Map<string, Write[]>();
  for (const row of await reached(tx, reply)) {
    await tx.objectStore("writes").put({ ...row, state: "landed" });
    touched.add(row.record);
    // At or before the request's cursor: what was pulled has it already.
    const pulled = brought.has(row.record) || (row.position ?? 0) <= (before.get(row.stream)?.position ?? 0);
    if (!pulled) unechoed.set(row.record, [...(unechoed.get(row.record) ?? []), row.wire]);
  }
  for (const [record, own] of unechoed) await applyOwn(tx, record, own);
}

async function reached(tx: Tx, reply: Reply): Promise<WriteRow[]> {
  const cursors = new Map(reply.cursors.map((cursor) => [streamOf(cursor), cursor.position]));
  const stored = await tx.objectStore("writes").index("state").getAll("stored");
  return stored.filter((row) => (row.position ?? 0) <= (cursors.get(row.stream) ?? -1));
}

async function applyOwn(tx: Tx, record: string, own: readonly Write[]): Promise<void> {
  const row = await tx.objectStore("records").get(record);
  if (!row) return;
  const base = lay(row.base, own, (await metaIn(tx, "catalog"))?.officer.name ?? "");
  await tx.objectStore("records").put({ ...row, base });
}
