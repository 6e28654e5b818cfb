// A unit's figures are confirmed and sent (SPEC L-2) as an entry of the outbox: repeated until it is answered, and brought
// back to a server that is restored.
import type { SealEntry } from "../core/record";
import type { Db, EntryRow, Tx } from "../db/schema";
import { changed } from "../platform/changed";
import { newId } from "../platform/ids";
import { madeNow } from "./replies";

export interface OwnSeal extends EntryRow {
  readonly wire: SealEntry;
}

/** One that the server does not have, waiting or not taken; null for none. */
export async function sealOf(rows: Db | Tx, unit: string, campaign: string): Promise<OwnSeal | null> {
  const own = (row: EntryRow): row is OwnSeal =>
    row.state !== "stored" &&
    "seal" in row.wire &&
    row.wire.seal.unit === unit &&
    row.wire.seal.campaign === campaign;
  const all = (await rows.getAll("entries")).filter(own);
  return all.sort((a, b) => a.made - b.made).at(-1) ?? null;
}

export async function keepSeal(db: Db, seal: SealEntry["seal"]): Promise<void> {
  const id = newId();
  await db.atomically(async (tx) => {
    await tx.put("entries", { id, state: "pending", made: await madeNow(tx), wire: { id, seal } });
  });
  changed();
}

/** The officer has read that it was not taken. */
export async function dropSeal(db: Db, { id }: OwnSeal): Promise<void> {
  await db.delete("entries", id);
  changed();
}
