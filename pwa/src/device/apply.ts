// Applies one answer of the hub: all of it in one transaction with its cursors, or none (SPEC X-11).
import { applyChange } from "../sync/overlay";
import { changed } from "./bus";
import { dayOf, setOffset } from "./clock";
import { atomically, type CursorRow, type Db, type Tx } from "./db";
import { judgePhotos, judgeWrites } from "./judge";
import { land } from "./land";
import { APP, type Reply, type Request } from "./protocol";
import { refresh, refreshById, rowOf, streamOf } from "./records";
import { leave, reset } from "./scope";

/** False when the cursors moved since the request was made (another tab): then nothing was applied. */
export async function applyReply(db: Db, request: Request, reply: Reply): Promise<boolean> {
  const offset_ms = reply.server_time - Date.now();
  const applied = await atomically(db, async (tx) => {
    const held = await tx.objectStore("cursors").getAll();
    if (positions(held) !== positions(request.cursors)) return false;
    const touched = new Set<string>();
    for (const cursor of reply.cursors) if (cursor.reset) await reset(tx, cursor, touched);
    const before = known(held, reply);
    await judgeWrites(tx, reply, touched);
    await change(tx, reply, before, touched);
    await land(tx, reply, before, touched);
    await judgePhotos(tx, reply, touched);
    await leave(tx, reply);
    await keepCursors(tx, reply);
    const meta = tx.objectStore("meta");
    await meta.put(offset_ms, "offset_ms");
    await meta.put(reply.server_time, "exchanged_at");
    await meta.put(reply.minimum_app > APP, "outdated");
    for (const record of touched) await refreshById(tx, record);
    return true;
  });
  if (applied) setOffset(offset_ms);
  changed();
  return applied;
}

function positions(cursors: readonly CursorRow[]): string {
  const texts = cursors.map(
    (cursor) => `${streamOf(cursor)} ${cursor.position} ${cursor.tag} ${cursor.floor}`,
  );
  return texts.sort().join();
}

/** The cursors this answer continues from: those held, without the ones the hub did not know (SPEC C-2). */
function known(held: readonly CursorRow[], reply: Reply): Map<string, CursorRow> {
  const lost = new Set(reply.cursors.filter((cursor) => cursor.reset).map(streamOf));
  return new Map(
    held.map((cursor) => [streamOf(cursor), cursor] as const).filter(([stream]) => !lost.has(stream)),
  );
}

/** A first pull is on its way (C-2): what it brings is not today's. */
function filling(before: ReadonlyMap<string, CursorRow>, stream: string): boolean {
  const cursor = before.get(stream);
  return !cursor || (cursor.floor === 0 && cursor.position > 0);
}

async function change(
  tx: Tx,
  reply: Reply,
  before: Map<string, CursorRow>,
  touched: Set<string>,
): Promise<void> {
  for (const news of reply.changes) {
    const day = filling(before, streamOf(news)) ? "" : dayOf(reply.server_time);
    const row = await rowOf(tx, news, day);
    const { decision } = news;
    await refresh(tx, {
      ...row,
      number: news.number || row.number,
      decision,
      base: applyChange(row.base, news),
    });
    touched.add(news.record);
  }
}

/** C-3: exactly the streams in scope. */
async function keepCursors(tx: Tx, reply: Reply): Promise<void> {
  const store = tx.objectStore("cursors");
  await store.clear();
  for (const { reset: _, ...cursor } of reply.cursors) await store.put(cursor);
}
