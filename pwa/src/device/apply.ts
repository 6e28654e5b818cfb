// Applies one answer of the hub: all of it in one transaction with its cursors, or none (SPEC X-11).
import { applyChange } from "../sync/overlay";
import { dayOf, setOffset } from "./clock";
import type { CursorRow, Db, Tx } from "./db";
import { judgePhotos, judgeWrites } from "./judge";
import { land } from "./land";
import { APP, type Reply, type Request } from "./protocol";
import { amend, rowOf, streamOf } from "./records";
import { leave, reset } from "./scope";

/** The cursors an answer continues from, by stream: those held, without the ones the hub did not know (SPEC C-2). */
export type Before = ReadonlyMap<string, CursorRow>;

/** False when the cursors moved since the request was made (another tab): then nothing was applied. */
export function applyReply(db: Db, request: Request, reply: Reply): Promise<boolean> {
  return amend(db, async (tx) => {
    const held = await tx.getAll("cursors");
    if (JSON.stringify(held) !== JSON.stringify(request.cursors)) return false;
    const before = new Map(held.map((cursor) => [streamOf(cursor), cursor]));
    for (const cursor of reply.cursors) {
      if (!cursor.reset) continue;
      before.delete(streamOf(cursor));
      await reset(tx, cursor);
    }
    await judgeWrites(tx, reply);
    await change(tx, reply, before);
    await land(tx, reply, before);
    await judgePhotos(tx, reply);
    await leave(tx, reply);
    // C-3: exactly the streams in scope. Nothing but a cursor is sent back.
    for (const { unit, campaign } of held) await tx.delete("cursors", [unit, campaign]);
    for (const { unit, campaign, position, tag, floor } of reply.cursors) {
      await tx.put("cursors", { unit, campaign, position, tag, floor });
    }
    const offset_ms = reply.server_time - Date.now();
    setOffset(offset_ms);
    await tx.put("meta", offset_ms, "offset_ms");
    await tx.put("meta", reply.server_time, "exchanged_at");
    await tx.put("meta", reply.minimum_app > APP, "outdated");
    return true;
  });
}

/** A first pull is on its way (C-2): what it brings is not today's. */
function filling(before: Before, stream: string): boolean {
  const cursor = before.get(stream);
  return !cursor || (cursor.floor === 0 && cursor.position > 0);
}

async function change(tx: Tx, reply: Reply, before: Before): Promise<void> {
  for (const news of reply.changes) {
    const day = filling(before, streamOf(news)) ? "" : dayOf(reply.server_time);
    const row = await rowOf(tx, news, day);
    await tx.put("records", {
      ...row,
      number: news.number || row.number,
      decision: news.decision,
      base: applyChange(row.base, news),
    });
  }
}
