// An own write stays laid over the pulled records until its stream's cursor has reached it (SPEC X-10). It lands then:
// with the change that brings it back, or, where the server does not echo it, by this phone applying it itself.
import { lay } from "../core/overlay";
import { type Fields, seenOf } from "../core/record";
import { streamOf } from "../core/sums";
import { ownName } from "../db/records";
import type { Tx, WriteRow } from "../db/schema";
import type { Ahead, Before, Block } from "./protocol";

/** Lands own writes. True if the changes pass by a write that the server had stored: it was restored meanwhile (B-2). */
export async function land(
  tx: Tx,
  block: Block,
  before: Before,
  ahead: Ahead,
  ended: boolean,
): Promise<boolean> {
  // A stream is pulled to its end in the block where its floor moves (C-2), at the latest in the last block.
  const done = block.cursors
    .filter((cursor) => ended || cursor.floor > floorOf(before, streamOf(cursor)))
    .map(streamOf);
  // First: records that this answer is about to overwrite need no look.
  const anew = done.filter((stream) => !floorOf(before, stream));
  const away = await untold(tx, anew);
  const passed = await landed(tx, block, before, ahead, done);
  return away || passed;
}

function floorOf(before: Before, stream: string): number {
  return before.get(stream)?.floor ?? 0;
}

/** Lands what is stored. True if a write that was stored `ahead` of the changes is missing from them. */
async function landed(
  tx: Tx,
  block: Block,
  before: Before,
  ahead: Ahead,
  done: readonly string[],
): Promise<boolean> {
  const brought = new Set(block.changes.map((change) => change.record));
  const cursors = new Map(block.cursors.map((cursor) => [streamOf(cursor), cursor]));
  const me = await ownName(tx);
  let lost = false;
  for (const row of await tx.getAll("writes", "state", "stored")) {
    const { id, record, stream, wire, position = 0 } = row;
    const held = await tx.get("records", record);
    const sent = brought.has(record);
    // Undefined: the stream is out of scope, and nothing of it will come.
    const now = cursors.get(stream);
    if (now && held && ahead?.includes(id) && position > floorOf(before, stream) && !tells(held.base, row)) {
      const gone = sent ? await missing(tx, row, held.base) : done.includes(stream);
      lost ||= gone;
    } else if (!(now && position > now.position)) {
      await tx.put("writes", { ...row, state: "landed" });
      // At or before the cursor that was held: what was pulled has it already.
      if (!held || sent || position <= (before.get(stream)?.position ?? 0)) continue;
      await tx.put("records", { ...held, base: lay(held.base, [wire], me) });
    }
  }
  return lost;
}

/** True if a stream that came back, pulled from zero to its end, lacks a write that had landed in it (L-10). */
async function untold(tx: Tx, anew: readonly string[]): Promise<boolean> {
  let lost = false;
  for (const row of anew.length > 0 ? await tx.getAll("writes", "state", "landed") : []) {
    if (!anew.includes(row.stream)) continue;
    const base = (await tx.get("records", row.record))?.base ?? {};
    const gone = !tells(base, row) && (await missing(tx, row, base));
    lost ||= gone;
  }
  return lost;
}

function tells(base: Fields, { id }: WriteRow): boolean {
  return seenOf(base).includes(id);
}

/** Whether one of its fields is empty. Where other writes survive in all, they may have seen it: it alone goes again. */
async function missing(tx: Tx, row: WriteRow, base: Fields): Promise<boolean> {
  const gone = Object.keys(row.wire.set).some((field) => !(field in base));
  if (!gone) await tx.put("writes", { ...row, state: "pending", position: undefined, based: true });
  return gone;
}
