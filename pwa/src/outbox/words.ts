// What an officer said about records and the server does not have, messages and answers to returns (SPEC X-62), all together: it is
// sent, copied or discarded, and never dropped with its record, whatever became of that.
import { recordOf } from "../core/record";
import { verdictToRead } from "../core/view";
import type { Db, RecordRow, Tx } from "../db/schema";
import { changed } from "../platform/changed";
import { isMessage, type OwnMessage } from "./messages";
import { isReply, type OwnReply } from "./replies";

export type OwnWords = OwnMessage | OwnReply;

/** Of one record, or of all, in the order in which they were made. */
export async function ownWords(rows: Db | Tx, record?: string): Promise<OwnWords[]> {
  const all = (await rows.getAll("entries")).filter((row) => isMessage(row) || isReply(row));
  const theirs = all.filter(({ wire }) => record === undefined || recordOf(wire) === record);
  return theirs.sort((a, b) => a.made - b.made);
}

export function textOf({ wire }: OwnWords): string {
  return "message" in wire ? wire.message.text : wire.reply.text;
}

/**
 * Whether the screen of its record shows it (screens/record): messages always, an answer beside the return that it is about, while
 * that asks for one.
 */
export function isOnRecord({ wire }: OwnWords, row: RecordRow | undefined): boolean {
  if (!row || "message" in wire) return row !== undefined;
  const { view, decision } = row;
  const asks = verdictToRead(view, decision) === "returned" && !decision?.reply;
  return asks && decision?.id === wire.reply.decision;
}

/**
 * Lets words or confirmed figures go, also while a copy is under way: the server may have that. What was stored meanwhile stays for a
 * server that is restored.
 */
export async function dropEntry(db: Db, id: string): Promise<void> {
  await db.atomically(async (tx) => {
    const own = await tx.get("entries", id);
    if (own && own.state !== "stored") await tx.delete("entries", id);
  });
  changed();
}
