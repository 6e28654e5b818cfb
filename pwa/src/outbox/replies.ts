// An officer answers a return in words (SPEC D-13): kept as an entry of the outbox until the server has it, and 30 days longer for
// one that is restored. No part of the record. One answer to a return: what the server's changes bring is what stands.
import type { ReplyEntry } from "../core/record";
import { type Db, type EntryRow, meta, type Tx } from "../db/schema";
import { changed } from "../platform/changed";
import { newId } from "../platform/ids";

/** An answer to a return that the server does not have; with a code, it was not taken. */
export interface OwnReply extends EntryRow {
  readonly wire: ReplyEntry;
}

export function isReply(row: EntryRow): row is OwnReply {
  return row.state !== "stored" && "reply" in row.wire;
}

/** In the order in which they were made. */
export async function ownReplies(rows: Db | Tx): Promise<OwnReply[]> {
  return (await rows.getAll("entries")).filter(isReply).sort((a, b) => a.made - b.made);
}

/** Null for none. */
export async function replyTo(rows: Db | Tx, decision: string): Promise<OwnReply | null> {
  return (await ownReplies(rows)).find(({ wire }) => wire.reply.decision === decision) ?? null;
}

/** Those that still have to go. */
export async function waitingReplies(db: Db): Promise<OwnReply[]> {
  return (await ownReplies(db)).filter(({ state }) => state === "pending");
}

/** The order of an entry that is made now: behind all others, whatever the clock says. */
export async function madeNow(rows: Tx): Promise<number> {
  return Math.max(Date.now(), ...(await rows.getAll("entries")).map(({ made }) => made + 1));
}

/** Whether a copy of it is out: a return has one answer, so the server may keep that one, whatever is said here later (SPEC D-13). */
export async function isUnderWay(rows: Db | Tx, { id, sent, received }: EntryRow): Promise<boolean> {
  const [push, handed = []] = [await meta(rows, "push"), await meta(rows, "handed")];
  return !!(sent || received || push?.writes.includes(id) || handed.includes(id));
}

/** Keeps an answer; said again before it went, the text gives way and the id stays. False where it went already. One that was not taken gives way to another. */
export async function keepReply(db: Db, record: string, decision: string, text: string): Promise<boolean> {
  const kept = await db.atomically(async (tx) => {
    const before = await replyTo(tx, decision);
    if (before?.state === "pending" && (await isUnderWay(tx, before))) return false;
    if (before?.state === "refused") await tx.delete("entries", before.id);
    const id = before?.state === "pending" ? before.id : newId();
    const [at, made] = [Date.now(), await madeNow(tx)];
    await tx.put("entries", {
      id,
      state: "pending",
      made,
      wire: { id, reply: { record, decision, text, at } },
    });
    return true;
  });
  changed();
  return kept;
}

/** The officer has read that it was not taken. */
export async function dropReply(db: Db, decision: string): Promise<void> {
  await db.atomically(async (tx) => {
    const own = await replyTo(tx, decision);
    if (own) await tx.delete("entries", own.id);
  });
  changed();
}
