// Streams that begin anew, and streams that this officer no longer has (SPEC C-3, C-4).
import type { CursorRow, Tx } from "./db";
import type { Reply } from "./protocol";
import { streamOf } from "./records";

/**
 * C-4: the hub was restored. What comes replaces what was pulled; what this phone keeps of its own is "on this phone
 * only" again and goes once more, and its photos are asked for.
 */
export async function reset(tx: Tx, cursor: CursorRow): Promise<void> {
  const stream = streamOf(cursor);
  for (const row of await tx.getAll("records", "stream", [cursor.unit, cursor.campaign])) {
    await tx.put("records", { ...row, base: {}, decision: null });
  }
  for (const row of await tx.getAll("writes")) {
    if (row.stream !== stream || row.state === "refused") continue;
    await tx.put("writes", { ...row, state: "pending", position: undefined });
  }
  for (const row of await tx.getAll("uploads")) {
    if (row.stream !== stream || row.state !== "verified") continue;
    await tx.put("uploads", { ...row, state: "sent", verified_at: undefined });
  }
}

/** C-3: drops records of streams out of scope, never one with something that the hub has not verified (H-2). */
export async function leave(tx: Tx, reply: Reply): Promise<void> {
  const scope = new Set(reply.cursors.map(streamOf));
  let after: string[] = [];
  // From stream to stream: the first record beyond the last one's key.
  for (;;) {
    const first = await tx.get("records", IDBKeyRange.lowerBound(after, true), "stream");
    if (!first) return;
    after = [first.unit, first.campaign];
    if (scope.has(streamOf(first))) continue;
    for (const { record, view } of await tx.getAll("records", "stream", after)) {
      // No view yet: it came in this very answer.
      if (!view?.delivery || view.delivery === "verified") await tx.delete("records", record);
    }
  }
}
