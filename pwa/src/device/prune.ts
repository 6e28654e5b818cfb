// What the hub has verified is kept for 30 days of its time, so that a restored hub can have it again (SPEC H-2, C-4);
// then photos make room. Writes stay: they are small, and say what of a record is this officer's.
import { now } from "./clock";
import type { Db } from "./db";

const KEPT_MS = 30 * 86_400_000;

export async function prune(db: Db): Promise<void> {
  const tx = db.transaction(["uploads", "bytes"], "readwrite");
  for (const row of await tx.objectStore("uploads").index("state").getAll("verified")) {
    const old = row.role === "full" && (row.verified_at ?? 0) < now() - KEPT_MS;
    if (old) await tx.objectStore("bytes").delete(row.sha256);
  }
  await tx.done;
}
