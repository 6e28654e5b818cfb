// What a person can do about what the hub refused (SPEC H-3): correct it (the form does), let it go, or send it again.
import type { Db, Tx } from "./db";
import { amend } from "./records";

/** Drops a refused write. Stored writes are never dropped here: the hub may need them again (SPEC C-4). */
export async function drop(tx: Tx, id: string): Promise<void> {
  const row = await tx.get("writes", id, "id");
  if (row?.seq && row.state === "refused") await tx.delete("writes", row.seq);
}

/** Drops a record that the hub never took, with all that hangs on it. */
export async function forget(tx: Tx, record: string): Promise<void> {
  for (const { seq = 0 } of await tx.getAll("writes", "record", record)) await tx.delete("writes", seq);
  for (const { sha256 } of await tx.getAll("uploads", "record", record)) {
    await tx.delete("uploads", [sha256, record]);
  }
  // Nothing is left that says anything: it goes when the transaction ends (records.ts), out of the sums too.
  const row = await tx.get("records", record);
  if (row) await tx.put("records", { ...row, base: {} });
}

/** The officer lets them go. Without its creation nothing of a record can be sent. */
export function discardRefused(db: Db, record: string): Promise<void> {
  return amend(db, async (tx) => {
    tx.touched.add(record);
    const own = await tx.getAll("writes", "record", record);
    const refused = own.filter((write) => write.state === "refused");
    if (refused.some((write) => write.id === record)) return forget(tx, record);
    const fields = refused.flatMap((write) => Object.keys(write.wire.set));
    for (const write of refused) await drop(tx, write.id);
    for (const { field, sha256 } of await tx.getAll("uploads", "record", record)) {
      if (fields.includes(field)) await tx.delete("uploads", [sha256, record]);
    }
  });
}

/** Asks for refused writes and photos of a record to be judged anew (SPEC X-4). */
export function retryRefused(db: Db, record: string): Promise<void> {
  return amend(db, async (tx) => {
    for (const write of await tx.getAll("writes", "record", record)) {
      if (write.state === "refused") await tx.put("writes", { ...write, state: "pending", code: undefined });
    }
    for (const photo of await tx.getAll("uploads", "record", record)) {
      if (photo.state === "refused") await tx.put("uploads", { ...photo, state: "waiting", sent_bytes: 0 });
    }
  });
}
