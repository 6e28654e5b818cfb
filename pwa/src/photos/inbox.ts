// Photos that came several at once, from a chooser or from another app by way of the worker (worker/service-worker.ts), wait here as they
// are, so that a killed page loses none, until their officer (tray.ts) is there and a form of a new record takes them in.
// A file of its own, because the worker has it too and opens no database.
import { newId } from "../platform/ids";

/** By the page's camera, by the phone's own, chosen from what the phone has, handed over by another app (SPEC P-1). */
export type Source = "camera" | "phone" | "gallery" | "forwarded";

export const INBOX = "loa-inbox";

/** All of them or none. */
export async function layIntoInbox(files: readonly File[], source: Source): Promise<void> {
  const inbox = await caches.open(INBOX);
  // An address is never used twice: one that is noted as taken (tray.ts) is deleted unseen.
  const keys = files.map((file) => `/app/${newId()}/${source}/${file.lastModified}`);
  try {
    for (const [at, file] of files.entries()) await inbox.put(keys[at] ?? "", new Response(file));
  } catch (error) {
    for (const key of keys) await inbox.delete(key);
    throw error;
  }
}
