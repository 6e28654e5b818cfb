// The exchange (SPEC ): one round trip pushes own writes and pulls news, again while there is more.
import type { Write } from "../sync/write";
import { applyReply } from "./apply";
import { changed } from "./bus";
import { refreshCatalog } from "./catalog";
import { atomically, type Db, meta } from "./db";
import { gzip } from "./gzip";
import { sendHalving } from "./halve";
import { call, json, Problem } from "./hub";
import { APP, type Reply, type Request } from "./protocol";
import { refreshById } from "./records";

/** Well under the hub's caps on a body (1,000 writes, 1 MB packed, 8 MB unpacked). */
const WRITES_AT_ONCE = 500;
const BYTES_AT_ONCE = 900_000;
const PHOTOS_AT_ONCE = 500;

export async function exchange(db: Db, token: string): Promise<void> {
  // A write answered `later` is not tried again in the same run.
  const tried = new Set<string>();
  let catalog = "";
  for (let more = true; more; ) {
    const writes = await outbox(db, tried);
    for (const write of writes) tried.add(write.id);
    more = false;
    const send = async (batch: readonly Write[]) => {
      const reply = await roundTrip(db, token, batch);
      more = reply.more;
      catalog = reply.catalog;
    };
    await sendHalving(writes, send, poisoned, (write, error) => setAside(db, write, error));
    more ||= (await outbox(db, tried)).length > 0;
  }
  if (catalog !== (await meta(db, "catalog"))?.etag) await refreshCatalog(db, token);
}

/** Writes not stored yet, in order of making, as many as one body takes. */
async function outbox(db: Db, tried: ReadonlySet<string>): Promise<Write[]> {
  const pending = await db.getAllFromIndex("writes", "state", "pending");
  const wires = pending.map((row) => row.wire).filter((write) => !tried.has(write.id));
  let bytes = 0;
  const fits = (write: Write) => {
    bytes += JSON.stringify(write).length;
    return bytes <= BYTES_AT_ONCE;
  };
  const full = wires.slice(0, WRITES_AT_ONCE).findIndex((write) => !fits(write));
  return wires.slice(0, full < 0 ? WRITES_AT_ONCE : Math.max(full, 1));
}

async function roundTrip(db: Db, token: string, writes: readonly Write[]): Promise<Reply> {
  const cursors = await db.getAll("cursors");
  const sent = await db.getAllFromIndex("uploads", "state", "sent", PHOTOS_AT_ONCE);
  const photos = [...new Set(sent.map((row) => row.sha256))];
  const request: Request = { app: APP, cursors, writes, photos };
  const { body, headers } = await gzip(JSON.stringify(request));
  const reply = json<Reply>(await call(token, "sync", { method: "POST", body, headers }));
  const applied = await applyReply(db, request, reply);
  return applied ? reply : { ...reply, more: true };
}

/** A hub that says itself that it is busy (503) says nothing about the body. */
function poisoned(error: unknown): boolean {
  if (!(error instanceof Problem) || error.status === 503) return false;
  return error.status === 400 || error.status === 413 || error.status >= 500;
}

/** H-3: it stays on the phone with its code, and stops nothing else. */
async function setAside(db: Db, { id }: Write, error: unknown): Promise<void> {
  await atomically(db, async (tx) => {
    const row = await tx.objectStore("writes").index("id").get(id);
    if (!row) return;
    await tx
      .objectStore("writes")
      .put({ ...row, state: "refused", code: error instanceof Problem ? error.code : "internal" });
    await refreshById(tx, row.record);
  });
  changed();
}
