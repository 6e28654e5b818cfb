// Questions and answers about a record (SPEC D-15): kept as entries of the outbox until the server has them, and 30 days longer for
// one that is restored. No part of the record, and as many as there is to say.
import type { MessageEntry } from "../core/record";
import type { Db, EntryRow, Tx } from "../db/schema";
import { changed } from "../platform/changed";
import { newId } from "../platform/ids";
import { isUnderWay, madeNow } from "./replies";

/** A message that the server does not have; with a code, it was not taken. */
export interface OwnMessage extends EntryRow {
  readonly wire: MessageEntry;
}

export function isMessage(row: EntryRow): row is OwnMessage {
  return row.state !== "stored" && "message" in row.wire;
}

/** Of one record, in the order in which they were made. */
export async function ownMessages(rows: Db | Tx, record: string): Promise<OwnMessage[]> {
  const all = (await rows.getAll("entries")).filter(isMessage);
  return all.filter(({ wire }) => wire.message.record === record).sort((a, b) => a.made - b.made);
}

/**
 * Keeps a new one, or the text of one that waits or was not taken, which then goes as another. False where that one went
 * meanwhile: the server may have it.
 */
export async function keepMessage(db: Db, record: string, text: string, again?: string): Promise<boolean> {
  const kept = await db.atomically(async (tx) => {
    const before = again ? await tx.get("entries", again) : undefined;
    const refused = before?.state === "refused";
    if (again && !refused && (before?.state !== "pending" || (await isUnderWay(tx, before)))) return false;
    if (refused) await tx.delete("entries", before.id);
    const id = again && !refused ? again : newId();
    const made = before?.made ?? (await madeNow(tx));
    await tx.put("entries", {
      id,
      state: "pending",
      made,
      wire: { id, message: { record, text, at: Date.now() } },
    });
    return true;
  });
  changed();
  return kept;
}

/** What was said about a record that the server never took is about the one that was made in its place. */
export async function aboutAnother(tx: Tx, from: string, record: string): Promise<void> {
  for (const { code: _c, orphan_since: _o, ...one } of await ownMessages(tx, from)) {
    const wire = { ...one.wire, message: { ...one.wire.message, record } };
    await tx.put("entries", { ...one, state: "pending", wire });
  }
}

/** Taken back before it went, or read that it was not taken. */
export async function dropMessage(db: Db, id: string): Promise<boolean> {
  const gone = await db.atomically(async (tx) => {
    const own = await tx.get("entries", id);
    if (!own || own.state === "stored" || (own.state === "pending" && (await isUnderWay(tx, own))))
      return false;
    await tx.delete("entries", id);
    return true;
  });
  changed();
  return gone;
}
