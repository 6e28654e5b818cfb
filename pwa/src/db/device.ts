// The database of an officer on this phone, and what it lets go where the phone has no room (SPEC P-25): first originals that
// the server verified, oldest first, then thumbnails, which the server gives again. Nothing that is on this phone alone.
import { open } from "./open";
import { type Db, LAYOUT, meta, type UploadRow } from "./schema";

const opened: Record<string, Promise<Db>> = {};

/** One that could not be opened is tried again by whoever asks next. */
export function openDevice(name: string): Promise<Db> {
  opened[name] ??= opening(name).catch((error: unknown) => {
    delete opened[name];
    throw error;
  });
  return opened[name];
}

async function opening(name: string): Promise<Db> {
  const db = await open(name, LAYOUT, 5, makeRoom);
  // Where it finds no room it stays as it is, until the database is opened again.
  await takeOverReplies(db).catch(() => undefined);
  return db;
}

/** Takes over what an app before entries kept, with its id: the server may have it. */
function takeOverReplies(db: Db): Promise<void> {
  return db.atomically(async (tx) => {
    const old = await meta(tx, "replies");
    for (const [decision, { id, record, text, at, code }] of Object.entries(old ?? {})) {
      const wire = { id, reply: { record, decision, text, at } };
      await tx.put("entries", { id, state: code ? "refused" : "pending", made: at, wire, code });
    }
    if (old) await tx.delete("meta", "replies");
  });
}

/** The cache of thumbnails of others. */
export function thumbsOf({ name }: Pick<Db, "name">): string {
  return `loa-thumbs-${name}`;
}

/** As much at once as a photo with all that is written beside it takes. */
const AT_ONCE_BYTES = 250_000;

/** False where nothing is left to let go. Only deletes: a browser takes that whatever room there is. */
export async function makeRoom(db: Db): Promise<boolean> {
  const freed = await db.atomically(async (tx) => {
    const held = new Set(await tx.getAllKeys("bytes"));
    const uploads = (await tx.getAll("uploads")).filter(({ sha256 }) => held.has(sha256));
    // A form may show it, and a file of a campaign may be it.
    const named = JSON.stringify([await tx.getAll("drafts"), await meta(tx, "catalog")]);
    const needed = new Set(uploads.filter(({ state }) => state !== "verified").map(({ sha256 }) => sha256));
    const safe = uploads.filter(({ sha256 }) => !(needed.has(sha256) || named.includes(sha256)));
    const going = oldest(safe.filter(({ role }) => role === "full"));
    const gone = going.length > 0 ? going : safe;
    for (const { sha256 } of gone) await tx.delete("bytes", sha256);
    return { all: gone.length, thumbs: going.length === 0 };
  });
  const cleared = freed.thumbs && (await caches.delete(thumbsOf(db)).catch(() => false));
  return cleared || freed.all > 0;
}

function oldest(verified: readonly UploadRow[]): UploadRow[] {
  const all = [...verified].sort((a, b) => (a.verified_at ?? 0) - (b.verified_at ?? 0));
  let bytes = 0;
  return all.filter(({ size_bytes }) => {
    bytes += size_bytes;
    return bytes - size_bytes < AT_ONCE_BYTES;
  });
}
