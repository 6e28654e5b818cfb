// An own write stays laid over the pulled records until its stream's cursor has reached it (SPEC X-10). It lands then:
// with the change that brings it back, or, where the hub does not echo it, by this phone applying it itself.
import { lay } from "../sync/overlay";
import type { Before } from "./apply";
import type { Tx } from "./db";
import type { Block } from "./protocol";
import { ownName, streamOf } from "./records";

export async function land(tx: Tx, block: Block, before: Before): Promise<void> {
  const brought = new Set(block.changes.map((change) => change.record));
  const cursors = new Map(block.cursors.map((cursor) => [streamOf(cursor), cursor.position]));
  const me = await ownName(tx);
  for (const row of await tx.getAll("writes", "state", "stored")) {
    const { record, stream, position = 0 } = row;
    if (position > (cursors.get(stream) ?? -1)) continue;
    await tx.put("writes", { ...row, state: "landed" });
    // At or before the cursor that was held: what was pulled has it already.
    if (brought.has(record) || position <= (before.get(stream)?.position ?? 0)) continue;
    const held = await tx.get("records", record);
    if (held) await tx.put("records", { ...held, base: lay(held.base, [row.wire], me) });
  }
}
