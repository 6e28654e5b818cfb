// Deletes photos that nobody needs, at the start of the app and when another officer takes over. While a form is open in
// any window, or photos are being taken in (each holds a lock), all stay: undo may bring back one that no draft names now,
// and the bytes of a photo are stored before the draft that names them. What the server verified is kept for 30 days, for
// a server that is restored (SPEC H-2, C-4). The days are counted to the server's last answer, so that a phone's clock that
// is ahead deletes nothing (G5). Writes are small and stay.
import { type Db, meta } from "./schema";

/** How long what the server has is kept, for one that is restored (SPEC H-2). */
export const KEPT_MS = 30 * 86_400_000;

export function prune(db: Db, { held }: LockManagerSnapshot): Promise<void> {
  return db.atomically(async (tx) => {
    const form = await meta(tx, "form");
    for (const { id, untouched } of await tx.getAll("drafts")) {
      if (untouched && id !== form && !location.hash.includes(id)) await tx.delete("drafts", id);
    }
    if (held?.some(({ name }) => /^loa-(form|together)/.test(name ?? ""))) return;
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
