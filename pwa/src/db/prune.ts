// Makes room at the start of the app, when no photo is on its way into a draft of this window; where a form is open in
// another one (it holds a lock), photos stay: it may get one back that its draft does not name now. What the server has
// verified is kept for 30 days of its time, so that a restored server can have it again (SPEC H-2, C-4); writes are small
// and stay. The server's time is that of its last answer: a phone's clock that is ahead takes nothing away (G5).
import { type Db, meta } from "./schema";

/** How long what the server has is kept, for one that is restored (SPEC H-2). */
export const KEPT_MS = 30 * 86_400_000;

export function prune(db: Db, { held }: LockManagerSnapshot): Promise<void> {
  return db.atomically(async (tx) => {
    const form = await meta(tx, "form");
    for (const { id, untouched } of await tx.getAll("drafts")) {
      if (untouched && id !== form && !location.hash.includes(id)) await tx.delete("drafts", id);
    }
    if (held?.some(({ name }) => name?.startsWith("loa-form"))) return;
    // What a draft names, and the campaigns' files.
    const named = JSON.stringify([await tx.getAll("drafts"), await meta(tx, "catalog")]);
    const since = ((await meta(tx, "exchanged_at")) ?? 0) - KEPT_MS;
    const uploads = await tx.getAll("uploads");
    const kept = uploads.filter(
      (row) => row.role === "thumb" || !(row.verified_at && row.verified_at <= since),
    );
    const needed = new Set<unknown>(kept.map((row) => row.sha256));
    for (const hash of await tx.getAllKeys("bytes")) {
      if (!(needed.has(hash) || named.includes(String(hash)))) await tx.delete("bytes", hash);
    }
  });
}
