// One run of sending and receiving.
import { refreshCatalog } from "./catalog";
import { type Db, meta } from "./db";
import { exchange } from "./exchange";
import { fetchFiles } from "./files";
import { upload, waiting } from "./uploads";

/** All text, then thumbnails, then originals; text written meanwhile goes before the next photo (SPEC P-2). */
export async function everything(db: Db, token: string): Promise<void> {
  if (!(await meta(db, "catalog"))) await refreshCatalog(db, token);
  const tried = new Set<string>();
  for (let sent = true; sent; ) {
    await exchange(db, token);
    sent = false;
    for (const row of await waiting(db)) {
      // Two records may have one photo.
      const file = row.sha256 + row.record;
      if (tried.has(file)) continue;
      tried.add(file);
      sent = (await upload(db, token, row)) || sent;
      // One with a code was answered `later`, and may be for weeks: it holds up nothing (G6).
      if ((await db.getAll("writes", "state", "pending")).some((write) => !write.code)) break;
    }
  }
  // Beside what comes next, which it does not hold up; what failed is tried again behind the next run.
  void fetchFiles(db, token).catch(() => undefined);
}
