// Streams that begin anew, and streams that this officer no longer has (SPEC C-3, C-4).
import type { CursorRow, Tx } from "./db";
import type { Reply } from "./protocol";
import { streamOf } from "./records";

/**
 * C-4: the hub was restored. What comes replaces what was pulled; what this phone keeps of its own is "on this phone
 * only" again and goes once more, and its photos are asked for.
 */
export async function reset(tx: Tx, cursor: CursorRow, touched: Set<string>): Promise<void> {
  const stream = streamOf(cursor);
  const records = tx.objectStore("records");
  for (const row of await records.index("stream").getAll([cursor.unit, cursor.campaign])) {
    await records.put({ ...row, base: {}, decision: null });
    touched.add(row.record);
  }
  const writes = tx.objectStore("writes");
  for (const { position: _position, stored_at: _stored, ...row } of await writes.getAll()) {
    if (row.stream !== stream || row.state === "refused") continue;
    await writes.put({ ...row, state: "pending" });
    touched.add(row.record);
  }
  const uploads = tx.objectStore("uploads");
  for (const row of await uploads.getAll()) {
    if (row.stream === stream && row.state === "verified") await uploads.put({ ...row, state: "sent" });
  }
}

/** C-3: drops records of streams out of scope, never one with something that the hub has not verified (H-2). */
export async function leave(tx: Tx, reply: Reply): Promise<void> {
  const scope = new Set(reply.cursors.map(streamOf));
  const records = tx.objectStore("records");
  let cursor = await records.index("stream").openCursor(null, "nextunique");
  for (; cursor; cursor = await cursor.continue()) {
    const { unit, campaign } = cursor.value;
    if (scope.has(streamOf(cursor.value))) continue;
    for (const row of await records.index("stream").getAll([unit, campaign])) {
      const safe = row.view.delivery === undefined || row.view.delivery === "verified";
      if (safe) await records.delete(row.record);
    }
  }
}
