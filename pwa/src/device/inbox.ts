// Photos that came several at once, from a chooser or from another app by way of the worker (sw.ts), wait here as they
// are, so that a killed page loses none, until a form of a new record takes them in (screens/form/waiting.tsx).
import type { Source } from "./source";

const INBOX = "loa-inbox";

/** All of them or none. */
export async function lay(files: readonly File[], source: Source): Promise<void> {
  const inbox = await caches.open(INBOX);
  const keys = files.map((file, at) => `/app/${Date.now()}.${at}/${source}/${file.lastModified}`);
  try {
    for (const [at, file] of files.entries()) await inbox.put(keys[at] ?? "", new Response(file));
  } catch (error) {
    for (const key of keys) await inbox.delete(key);
    throw error;
  }
}

export async function laid(): Promise<readonly Request[]> {
  return (await caches.open(INBOX)).keys();
}

/** With its source and its time, as a photo is taken in. */
export async function fileOf(key: Request): Promise<[Blob, Source, number]> {
  const held = await (await caches.open(INBOX)).match(key);
  const [source, at] = key.url.split("/").slice(-2);
  return [held ? await held.blob() : new Blob(), source as Source, Number(at)];
}

export async function takeOut(key: Request): Promise<void> {
  await (await caches.open(INBOX)).delete(key);
}
