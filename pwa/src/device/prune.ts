// Makes room at the start of the app, when no photo is on its way into a draft. What the hub has verified is kept for
// 30 days of its time, so that a restored hub can have it again (SPEC H-2, C-4); writes are small and stay.
import { now } from "./clock";
import { atomically, type Db } from "./db";

const KEPT_MS = 30 * 86_400_000;

export function prune(db: Db): Promise<void> {
  return atomically(db, async (tx) => {
    const uploads = await tx.objectStore("uploads").getAll();
    for (const { id, untouched } of await tx.objectStore("drafts").getAll()) {
      if (untouched && !location.hash.includes(id)) await tx.objectStore("drafts").delete(id);
    }
    const drafts = JSON.stringify(await tx.objectStore("drafts").getAll());
    const kept = uploads.filter(
      (row) => row.role === "thumb" || (row.verified_at ?? now()) > now() - KEPT_MS,
    );
    const needed = new Set(kept.map((row) => row.sha256));
    const bytes = tx.objectStore("bytes");
    for (const hash of await bytes.getAllKeys()) {
      if (!(needed.has(hash) || drafts.includes(hash))) await bytes.delete(hash);
    }
  });
}
