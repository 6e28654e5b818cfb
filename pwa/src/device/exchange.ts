// The exchange (SPEC ): one round trip pushes own writes and pulls news, again while there is more.
import type { Write } from "../sync/write";
import { applyReply } from "./apply";
import { refreshCatalog } from "./catalog";
import { type Db, meta } from "./db";
import { sendHalving } from "./halve";
import { Problem } from "./hub";
import { post } from "./post";
import { APP, type Reply, type Request } from "./protocol";
import { amend } from "./records";

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
    const send = async (batch: readonly Write[]) => {
      ({ more, catalog } = await roundTrip(db, token, batch));
    };
    await sendHalving(writes, send, poisoned, (write, error) => setAside(db, write, error));
    more ||= (await outbox(db, tried)).length > 0;
  }
  if (catalog !== (await meta(db, "catalog"))?.etag) await refreshCatalog(db, token);
}

/** Writes not stored yet, in order of making, as many as one body takes. */
async function outbox(db: Db, tried: ReadonlySet<string>): Promise<Write[]> {
  const batch: Write[] = [];
  let bytes = 0;
  for (const { wire } of await db.getAll("writes", "state", "pending")) {
    if (tried.has(wire.id)) continue;
    if (batch.length === WRITES_AT_ONCE || bytes > BYTES_AT_ONCE) break;
    bytes += JSON.stringify(wire).length;
    batch.push(wire);
  }
  return batch;
}

async function roundTrip(db: Db, token: string, writes: readonly Write[]): Promise<Reply> {
  const cursors = await db.getAll("cursors");
  const sent = await db.getAll("uploads", "state", "sent", PHOTOS_AT_ONCE);
  const photos = [...new Set(sent.map((row) => row.sha256))];
  const request: Request = { app: APP, cursors, writes, photos };
  const reply = await post<Reply>(token, "sync", request);
  const applied = await applyReply(db, request, reply);
  return applied ? reply : { ...reply, more: true };
}

/** A hub that says itself that it is busy (503) says nothing about the body. */
function poisoned(error: unknown): error is Problem {
  if (!(error instanceof Problem)) return false;
  const { status } = error;
  return status === 400 || status === 413 || (status >= 500 && status !== 503);
}

/** H-3: it stays on the phone with its code, and stops nothing else. */
function setAside(db: Db, { id }: Write, { code }: Problem): Promise<void> {
  return amend(db, async (tx) => {
    const row = await tx.get("writes", id, "id");
    if (row) await tx.put("writes", { ...row, state: "refused", code });
  });
}
