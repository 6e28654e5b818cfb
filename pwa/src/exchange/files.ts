// The campaigns' files, so that they are read without a network: fetched behind everything else, the smallest first, one
// at a time, and kept once their hash is right. Nothing waits for them.

import { type Db, meta } from "../db/schema";
import { hashOf } from "../photos/shrink";
import { changed } from "../platform/changed";
import { call, Problem } from "../platform/http";

/** What came damaged or was not found is not asked for again before the app starts anew. */
const tried = new Set<string>();

export function fetchFiles(db: Db, token: string): Promise<void> {
  return navigator.locks.request("loa-files", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const held = new Set(await db.getAllKeys("bytes"));
    const campaigns = (await meta(db, "catalog"))?.campaigns.filter((one) => !one.archived) ?? [];
    const files = campaigns.flatMap((one) => one.files ?? []).sort((a, b) => a.size_bytes - b.size_bytes);
    for (const { id, sha256 } of files) {
      if (held.has(sha256) || tried.has(id)) continue;
      const answer = await call(token, `files/${id}`).catch((error: unknown) => {
        if (error instanceof Problem && error.status === 404) return null;
        throw error;
      });
      tried.add(id);
      const bytes = await answer?.arrayBuffer();
      if (!bytes || (await hashOf(bytes)) !== sha256) continue;
      await db.put("bytes", bytes, sha256);
      changed();
    }
  });
}
