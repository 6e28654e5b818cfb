// Streams that begin anew, and streams that this officer no longer has (SPEC C-3, C-4, L-10).

import { streamOf } from "../core/sums";
import { type Cursor, meta, type Tx } from "../db/schema";
import { noteHeld } from "./restored";

/** C-4: what comes replaces what was pulled; what this phone made is laid over it again until the server has it. */
export async function reset(tx: Tx, cursor: Cursor): Promise<void> {
  const rows = await tx.getAll("records", "stream", [cursor.unit, cursor.campaign]);
  await noteHeld(tx, rows);
  for (const row of rows) {
    await tx.put("records", { ...row, base: {}, written: undefined, decision: null });
  }
  const stream = streamOf(cursor);
  for (const row of await tx.getAll("writes")) {
    if (row.stream !== stream) continue;
    const fallen = row.state === "landed" && ({ state: "pending", position: undefined } as const);
    if (fallen || row.based) await tx.put("writes", { ...row, ...fallen, based: false });
  }
}

/**
 * L-10: drops records of streams out of scope, never one with something that the server has not verified. Own writes and
 * photos stay for a server that is restored (H-2): they have landed (land.ts), so nothing shows them.
 */
export async function leaveStreams(tx: Tx, cursors: readonly Cursor[]): Promise<void> {
  const scope = new Set(cursors.map(streamOf));
  const returning = await meta(tx, "noted");
  let after: string[] = [];
  // From stream to stream: the first record beyond the last one's key.
  for (;;) {
    const first = await tx.get("records", IDBKeyRange.lowerBound(after, true), "stream");
    if (!first) return;
    after = [first.unit, first.campaign];
    if (scope.has(streamOf(first))) continue;
    const rows = await tx.getAll("records", "stream", after);
    // A stream that a restored server does not name was lost with its unit or campaign.
    if (returning) await noteHeld(tx, rows);
    for (const row of rows) {
      const { record, view } = row;
      // No view yet: it came in this very block. One of which a part was put in this transaction is looked at again
      // at the next: its view tells of before.
      const safe = !tx.touched.has(record) && (!view.delivery || view.delivery === "verified");
      if (!view || safe) await tx.put("records", { ...row, base: {} });
    }
  }
}
