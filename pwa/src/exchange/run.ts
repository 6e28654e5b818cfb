// One run of sending and receiving.

import { type Db, meta } from "../db/schema";
import { allowedUploads } from "../photos/saving";
import { upload } from "../photos/upload";
import { stayAwake } from "../platform/awake";
import { endsRun } from "../platform/http";
import { fetchFiles, refreshCatalog } from "./fetch-catalog";
import { fetchRegimes } from "./fetch-regimes";
import { exchange, type Unkept } from "./loop";
import { sendReplies } from "./send-replies";

/** Whether one went. Stops where text was written meanwhile, which goes before the next. */
async function sendFiles(db: Db, token: string, tried: Set<string>, unkept: Unkept): Promise<boolean> {
  let sent = false;
  for (const row of await allowedUploads(db)) {
    // Two records may have one photo.
    const file = row.sha256 + row.record;
    if (tried.has(file)) continue;
    tried.add(file);
    sent = (await stayAwake(() => upload(db, token, row, unkept.stored))) || sent;
    if (await textWaits(db, unkept)) break;
  }
  return sent;
}

/** One with a code was answered `later`, and may be for weeks: it holds up nothing (G6). */
async function textWaits(db: Db, { stored }: Unkept): Promise<boolean> {
  return (await db.getAll("writes", "state", "pending")).some(({ id, code }) => !(code || stored.has(id)));
}

/** All text, then thumbnails, then originals; text written meanwhile goes before the next photo (SPEC P-2). */
export async function everything(db: Db, token: string): Promise<void> {
  if (!(await meta(db, "catalog"))) await refreshCatalog(db, token);
  const tried = new Set<string>();
  let failed: unknown;
  const unkept: Unkept = { stored: new Set() };
  for (let sent = true; sent; ) {
    const catalog = await exchange(db, token, unkept);
    // A catalogue that cannot be had stops no photo (G6); it is asked for again with the next run.
    if (!failed && catalog !== (await meta(db, "catalog"))?.etag) {
      await refreshCatalog(db, token).catch((error: unknown) => {
        if (endsRun(error)) throw error;
        failed = error;
      });
    }
    await sendReplies(db, token, unkept);
    sent = await sendFiles(db, token, tried, unkept);
  }
  // Not waited for: files hold up nothing, and what failed is fetched after the next run.
  void fetchRegimes(db, token).catch(() => undefined);
  void fetchFiles(db, token).catch(() => undefined);
  // Said last: what could go without room has gone.
  if (unkept.full || failed) throw unkept.full || failed;
}
