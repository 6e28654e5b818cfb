// What a person can do about what the server refused (SPEC H-3): correct it (the form does), let it go, or send it again.

import { amend } from "../db/records";
import { type Db, type Meta, meta, type Tx, type UploadRow, type WriteRow } from "../db/schema";
import { ownWords } from "./words";

/** Drops a refused write. Stored writes are never dropped here: the server may need them again (SPEC C-4). */
export async function drop(tx: Tx, id: string): Promise<void> {
  const row = await tx.get("writes", id, "id");
  if (row?.seq && row.state === "refused") await tx.delete("writes", row.seq);
}

/** So many are remembered, the last ones: a form may lie open for weeks. */
const LET_GO_MOST = 500;

/** The record that stands for one which this phone let go of; "" where none does. Undefined: it let go of no such record. */
export function heirOf(letGo: Meta["let_go"] = {}, record = ""): string | undefined {
  let heir = letGo[record];
  // What stood for it may have been refused as well.
  while (heir && heir in letGo) heir = letGo[heir];
  return heir;
}

/**
 * Drops a record that the server never took, with all that hangs on it. What stands for it is remembered: a form that is open over
 * it goes on there (save.ts, F-42), for an edit of a record that nobody has would wait for ever. What was said about it is nobody's
 * to drop but its officer's: it can go nowhere, so it is asked about no more.
 */
export async function forgetRecord(tx: Tx, record: string, heir = ""): Promise<void> {
  for (const one of await ownWords(tx, record))
    await tx.put("entries", { ...one, state: "refused", code: "record_let_go" });
  await letRecordGo(tx, record, heir);
}

/** What was said about it, a question or an answer, goes on waiting. */
async function letRecordGo(tx: Tx, record: string, heir = ""): Promise<void> {
  const letGo = Object.entries({ ...(await meta(tx, "let_go")), [record]: heir });
  await tx.put("meta", Object.fromEntries(letGo.slice(-LET_GO_MOST)), "let_go");
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
    if (refused.some((write) => write.id === record)) return forgetRecord(tx, record);
    // Of one whose creation was lost nothing may be left either. The server may hold it still: messages wait.
    const base = (await tx.get("records", record))?.base ?? {};
    const alone = refused.length === own.length && Object.keys(base).length === 0;
    if (alone && refused.some(({ code }) => code === "create_lost")) return letRecordGo(tx, record);
    for (const write of refused) await drop(tx, write.id);
    await keepPhotos(tx, record);
  });
}

/** Whether the server has said that it holds it. */
export function isStored({ position }: WriteRow): boolean {
  return position !== undefined;
}

/** Keeps the photos of a record as its own writes have them. */
export async function keepPhotos(tx: Tx, record: string): Promise<void> {
  const own = await tx.getAll("writes", "record", record);
  for (const row of await tx.getAll("uploads", "record", record)) {
    const kept = keptPhoto(own, row);
    if (!kept) await tx.delete("uploads", [row.sha256, record]);
    else if (kept !== row) await tx.put("uploads", kept);
  }
}

/**
 * A photo as the own writes of its record have it. One that no write says any more goes; being taken off counts once that is
 * stored, for refused it leaves the photo on the record (H-2). One whose write was refused waits for a person with it.
 */
export function keptPhoto(own: readonly WriteRow[], row: UploadRow): UploadRow | undefined {
  const by = saidBy(own, row.field);
  const refused = by?.state === "refused" && ["waiting", "sent"].includes(row.state);
  return by && (refused ? { ...row, state: "refused", code: by.code } : row);
}

/** Asks for refused writes and photos of a record to be judged anew (SPEC X-3). */
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

function saidBy(own: readonly WriteRow[], photo: string): WriteRow | undefined {
  let by: WriteRow | undefined;
  for (const write of own) {
    const value = write.wire.set[photo];
    if (value && (!by || by.state === "refused")) by = write;
    else if (value === null && isStored(write)) by = undefined;
  }
  return by;
}
