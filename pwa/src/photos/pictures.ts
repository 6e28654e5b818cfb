// The bytes of a photo on a record: from this phone when it has them, else from the server by record (SPEC P-7), one at a
// time. The thumbnails that came so stay in a cache of their own, the last few hundred of them.
import { type Db, thumbsOf } from "../db/schema";
import { call } from "../platform/http";

const KEPT = 300;

/** Undefined without a network, or when the server has not got it yet. `wanted` is asked before anything is fetched. */
export async function bytesOf(
  db: Db,
  token: string,
  path: string,
  hash: string,
  wanted: () => boolean,
): Promise<ArrayBuffer | undefined> {
  const held = await db.get("bytes", hash);
  if (held) return held;
  const cache = await caches.open(thumbsOf(db));
  const kept = await cache.match(hash);
  if (kept) return kept.arrayBuffer();
  const fetched = navigator.locks.request("loa-picture", async () => {
    if (!(navigator.onLine && wanted())) return;
    const bytes = await (await call(token, path)).arrayBuffer();
    // On a full phone it is shown all the same, and fetched again the next time.
    if (path.endsWith("thumb")) await keep(cache, hash, bytes).catch(() => undefined);
    return bytes;
  });
  return fetched.catch(() => undefined);
}

async function keep(cache: Cache, hash: string, bytes: ArrayBuffer): Promise<void> {
  await cache.put(hash, new Response(bytes));
  for (const old of (await cache.keys()).slice(0, -KEPT)) await cache.delete(old);
}
