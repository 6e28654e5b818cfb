// An officer answers a return in words (SPEC D-13): kept on this phone until the server has it, sent after all text, and no
// part of the record. One answer to a return: what the server gives back is what stands.
import type { Reply } from "../core/view";
import { amend } from "../db/records";
import { type Db, meta, type OwnReply } from "../db/schema";
import { changed } from "../platform/changed";
import { newId } from "../platform/ids";

/** Keeps an answer; said again before it went, the text gives way and the id stays. */
export async function keepReply(db: Db, record: string, decision: string, text: string): Promise<void> {
  await db.atomically(async (tx) => {
    const all = (await meta(tx, "replies")) ?? {};
    const own: OwnReply = { id: all[decision]?.id ?? newId(), record, text, at: Date.now() };
    await tx.put("meta", { ...all, [decision]: own }, "replies");
  });
  changed();
}

/** Those that still have to go, by decision. */
export async function waitingReplies(db: Db): Promise<(readonly [string, OwnReply])[]> {
  return Object.entries((await meta(db, "replies")) ?? {}).filter(([, { code }]) => !code);
}

/** The server has one: it stands beside the decision at once, not with the next pull. */
export function landReply(db: Db, decision: string, record: string, reply: Reply): Promise<void> {
  return amend(db, async (tx) => {
    const { [decision]: _, ...others } = (await meta(tx, "replies")) ?? {};
    await tx.put("meta", others, "replies");
    const row = await tx.get("records", record);
    if (row?.decision?.id === decision)
      await tx.put("records", { ...row, decision: { ...row.decision, reply } });
  });
}

/** It was not taken, and will not be: the officer reads why. */
export async function refuseReply(db: Db, decision: string, code: string): Promise<void> {
  await db.atomically(async (tx) => {
    const all = (await meta(tx, "replies")) ?? {};
    const own = all[decision];
    if (own) await tx.put("meta", { ...all, [decision]: { ...own, code } }, "replies");
  });
  changed();
}

/** The officer has read it. */
export async function dropReply(db: Db, decision: string): Promise<void> {
  await db.atomically(async (tx) => {
    const { [decision]: _, ...others } = (await meta(tx, "replies")) ?? {};
    await tx.put("meta", others, "replies");
  });
  changed();
}
