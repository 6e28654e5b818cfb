// A unit's figures are confirmed and sent (SPEC L-2) as an entry of the outbox: repeated until it is answered, and brought
// back to a server that is restored.
import type { SealEntry } from "../core/record";
import { type Db, type EntryRow, meta, type Sheet, type Tx } from "../db/schema";
import { changed } from "../platform/changed";
import { now } from "../platform/clock";
import { newId } from "../platform/ids";
import { madeNow } from "./replies";

export interface OwnSeal extends EntryRow {
  readonly wire: SealEntry;
}

/** Those that the server does not have, waiting or not taken, in the order in which they were made. */
export async function ownSeals(rows: Db | Tx): Promise<OwnSeal[]> {
  const own = (row: EntryRow): row is OwnSeal => row.state !== "stored" && "seal" in row.wire;
  return (await rows.getAll("entries")).filter(own).sort((a, b) => a.made - b.made);
}

/** The last of them; null for none. */
export async function sealOf(rows: Db | Tx, unit: string, campaign: string): Promise<OwnSeal | null> {
  const own = ({ wire: { seal } }: OwnSeal) => seal.unit === unit && seal.campaign === campaign;
  return (await ownSeals(rows)).filter(own).at(-1) ?? null;
}

/** Null for none. */
export async function sheetOf(rows: Db | Tx, path: string): Promise<Sheet | null> {
  return (await meta(rows, "sheets"))?.[path] ?? null;
}

/** The figures as the server has just sent them, for an hour without a network. */
export async function keepSheet(db: Db, path: string, sheet: Sheet): Promise<void> {
  await db.atomically(async (tx) => {
    await tx.put("meta", { ...(await meta(tx, "sheets")), [path]: { ...sheet, told_at: now() } }, "sheets");
  });
  changed();
}

/** One that was not taken gives way. */
export async function keepSeal(db: Db, seal: SealEntry["seal"]): Promise<void> {
  const id = newId();
  await db.atomically(async (tx) => {
    const before = await sealOf(tx, seal.unit, seal.campaign);
    if (before?.state === "refused") await tx.delete("entries", before.id);
    await tx.put("entries", { id, state: "pending", made: await madeNow(tx), wire: { id, seal } });
  });
  changed();
}
