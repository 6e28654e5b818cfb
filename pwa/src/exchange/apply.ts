// Applies what the server says: the head at once, then each block in one transaction with its cursors (SPEC ).

import { applyChange } from "../core/overlay";
import { APP } from "../core/push";
import { streamOf } from "../core/sums";
import { thumbsOf } from "../db/device";
import { amend, rowOf } from "../db/records";
import { type Cursor, type CursorRow, type Db, meta, type Push, type Tx } from "../db/schema";
import { gone } from "../outbox/captures";
import { forgetRecord } from "../outbox/refused";
import { dayOf, hearTime } from "../platform/clock";
import { judgePhotos, judgeWrites } from "./judge";
import { land } from "./land";
import type { Ahead, Before, Block, Head, Request } from "./protocol";
import { bringBack } from "./restored";
import { leaveStreams, reset } from "./scope";

/**
 * Takes the results of the push and what is said of photos: they hold, whatever becomes of the changes behind them.
 * Returns undefined where another tab moved the cursors since this was asked. The answer counts as lost then, because it
 * may be older than a restore.
 */
export function takeHead(db: Db, head: Head, asked: Request, push?: Push): Promise<Ahead | undefined> {
  const { restored, server_time, minimum_app, replaced = false, idle = false } = head;
  return amend(db, async (tx) => {
    const known = await meta(tx, "restored");
    if (known !== asked.restored || !(await stand(tx, asked.cursors))) return undefined;
    const back = restored !== known;
    const stored = (await tx.getAll("writes", "state", "stored")).map((row) => row.id);
    const held = await tx.getAll("cursors");
    if (back) await startAnew(tx, head, held);
    await judgeWrites(tx, head, push);
    await judgePhotos(tx, head);
    await tx.put("meta", hearTime(server_time), "offset_ms");
    await tx.put("meta", server_time, "exchanged_at");
    await tx.put("meta", minimum_app > APP, "outdated");
    await tx.put("meta", replaced, "replaced");
    await tx.put("meta", idle, "idle");
    return back && held.length > 0 ? null : stored;
  });
}

/** The server was restored (B-2). Called before the results are judged: what this request brought is stored there now. */
async function startAnew(tx: Tx, { restored, minimum_app }: Head, held: readonly CursorRow[]): Promise<void> {
  await bringBack(tx);
  // What was pulled may have come from the hours that were lost: every stream is pulled from zero.
  for (const cursor of minimum_app <= APP ? held : []) {
    await reset(tx, cursor);
    await tx.delete("cursors", [cursor.unit, cursor.campaign]);
  }
  // None: it was put back to before it was ever restored, and cannot know it yet.
  if (restored) await tx.put("meta", restored, "restored");
  else await tx.delete("meta", "restored");
}

/** Whether the cursors are these still. */
async function stand(tx: Tx, cursors: readonly Cursor[]): Promise<boolean> {
  return JSON.stringify(await cursorsOf(tx)) === JSON.stringify(cursors);
}

/** As they are sent. */
export async function cursorsOf(rows: Db | Tx): Promise<Cursor[]> {
  return (await rows.getAll("cursors")).map(({ sealed: _s, closed: _c, ...cursor }) => cursor);
}

/** The cursors as they are now; null when they are no longer the `known` ones (another tab): nothing was applied. */
export async function takeBlock(
  db: Db,
  block: Block,
  known: readonly Cursor[],
  head: Head,
  ahead: Ahead,
): Promise<Cursor[] | null> {
  // L-12: a cache is in no transaction, so it is deleted first; thumbnails that are needed are fetched again.
  if (block.changes.some((news) => news.purged)) await caches.delete(thumbsOf(db)).catch(() => false);
  return amend(db, async (tx) => {
    if (!(await stand(tx, known))) return null;
    const held = await tx.getAll("cursors");
    const before = new Map(held.map((cursor) => [streamOf(cursor), cursor]));
    const anew = block.cursors.filter((cursor) => cursor.reset);
    for (const cursor of anew) {
      before.delete(streamOf(cursor));
      await reset(tx, cursor);
    }
    // B-18, B-20: what this very answer calls stored is there, and may come in no block.
    const fresh = (await tx.getAll("writes", "state", "stored")).filter(({ id }) => !ahead?.includes(id));
    await change(tx, block, before, dayOf(head.server_time));
    const ended = "more" in block && head.minimum_app <= APP;
    const lost = await land(tx, block, before, ahead, ended);
    if (ahead && (lost || anew.length > 0)) await bringBack(tx, new Set(fresh.map(({ id }) => id)));
    await leaveStreams(tx, block.cursors);
    // C-3: exactly the streams in scope.
    for (const { unit, campaign } of held) await tx.delete("cursors", [unit, campaign]);
    for (const { reset: _r, ...cursor } of block.cursors) {
      // V-1: an app that is too old gets no lines.
      const { sealed, closed } = (head.minimum_app > APP && before.get(streamOf(cursor))) || cursor;
      await tx.put("cursors", { ...cursor, sealed, closed });
    }
    return cursorsOf(tx);
  });
}

/** A first pull is on its way (C-2): what it brings is not today's. */
function filling(before: Before, stream: string): boolean {
  const cursor = before.get(stream);
  return !cursor || (cursor.floor === 0 && cursor.position > 0);
}

/** With what waits, what was begun, and shots as they came, of which the form may have gone before. */
async function forgetPurged(tx: Tx, purged: string): Promise<void> {
  await forgetRecord(tx, purged);
  const forms = new Set([purged]);
  for (const { id, record, replaces } of await tx.getAll("drafts")) {
    if (![record, replaces].includes(purged)) continue;
    forms.add(id);
    await tx.delete("drafts", id);
  }
  for (const { id, draft, over } of await tx.getAll("captures"))
    if (forms.has(draft) || over === purged) await gone(tx, id);
}

async function change(tx: Tx, { changes }: Block, before: Before, today: string): Promise<void> {
  for (const news of changes) {
    // L-12: whatever this phone has of it.
    if (news.purged) {
      await forgetPurged(tx, news.record);
      continue;
    }
    const row = await rowOf(tx, news, filling(before, streamOf(news)) ? "" : today);
    const { number, written = row.written, received = row.received, decision } = news;
    await tx.put("records", {
      ...row,
      number: number || row.number,
      written,
      received,
      decision,
      base: applyChange(row.base, news),
    });
  }
}
