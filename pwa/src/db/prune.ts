// Deletes photos that nobody needs, soon after the app was started or another officer took over. While a form is open in any
// window, or photos are being taken in (each holds a lock), all stay: undo may bring back one that no draft names now. What the server verified is kept for 30 days, for
// a server that is restored (SPEC H-2, C-4). The days are counted to the server's last answer, so that a phone's clock that
// is ahead deletes nothing (G5). So do answers to returns and confirmed figures that the server has, whatever is open. Writes are small
// and stay.
import { type Db, type EntryRow, meta, type Tx } from "./schema";

/** How long what the server has is kept, for one that is restored (SPEC H-2). */
export const KEPT_MS = 30 * 86_400_000;

/** Of an entry that the server has. */
export function isLongKept({ stored_at, received = 0 }: EntryRow, now: number): boolean {
  return (stored_at ?? received) + KEPT_MS <= now;
}

/** The lock that whoever has this form open holds. */
export function formLock(id: string): string {
  return `loa-form ${id}`;
}

/** False where a form keeps all photos for now: to be tried again. */
export function prune(db: Db, { held }: LockManagerSnapshot): Promise<boolean> {
  return db.atomically(async (tx) => {
    await pruneEntries(tx);
    const form = await meta(tx, "form");
    const drafts = await tx.getAll("drafts");
    // Read after the drafts: one is stored before its form has an address.
    const { hash } = location;
    if (hash.startsWith("#/new")) return false;
    const left = drafts.filter(({ id, untouched }) => untouched && id !== form && !hash.includes(id));
    const before = (await meta(tx, "left_untouched")) ?? [];
    const idle: string[] = [];
    for (const { id } of left) {
      // It is open in another window, or a shot belongs to it.
      const used =
        held?.some(({ name }) => name === formLock(id)) || (await tx.count("captures", "draft", id)) > 0;
      if (used) continue;
      // One that another window stores just now has no lock yet: it goes only if nobody is in it the next time either.
      if (before.includes(id)) await tx.delete("drafts", id);
      else idle.push(id);
    }
    await tx.put("meta", idle, "left_untouched");
    // A form of this window may have been opened since the locks were looked at.
    if (hash.startsWith("#/form") || held?.some(({ name }) => /^loa-(form|together)/.test(name ?? "")))
      return false;
    await sweep(tx, await neededHashes(tx));
    return true;
  });
}

async function pruneEntries(tx: Tx): Promise<void> {
  const now = (await meta(tx, "exchanged_at")) ?? 0;
  for (const row of await tx.getAll("entries", "state", "stored"))
    if (isLongKept(row, now)) await tx.delete("entries", row.id);
}

/** Of photos on their way, those of campaigns' files, and those that a draft names, all in one text with much else. */
async function neededHashes(tx: Tx): Promise<(hash: string) => boolean> {
  const named = JSON.stringify([await tx.getAll("drafts"), await meta(tx, "catalog")]);
  const since = ((await meta(tx, "exchanged_at")) ?? 0) - KEPT_MS;
  const uploads = await tx.getAll("uploads");
  const kept = uploads.filter(
    (row) => row.role === "thumb" || !(row.verified_at && row.verified_at <= since),
  );
  const needed = new Set<string>(kept.map((row) => row.sha256));
  return (hash) => needed.has(hash) || named.includes(hash);
}

async function sweep(tx: Tx, isNeeded: (hash: string) => boolean): Promise<void> {
  for (const hash of await tx.getAllKeys("bytes")) {
    if (!isNeeded(String(hash))) await tx.delete("bytes", hash);
  }
}
