// What a person can do about what the hub refused (SPEC H-3): correct it (the form does), let it go, or send it again.
import { changed } from "./bus";
import { atomically, type Db, type Tx } from "./db";
import { refreshById } from "./records";

/** Drops a refused write. Stored writes are never dropped here: the hub may need them again (SPEC C-4). */
export async function drop(tx: Tx, id: string): Promise<void> {
  const store = tx.objectStore("writes");
  const row = await store.index("id").get(id);
  if (row?.seq !== undefined && row.state === "refused") await store.delete(row.seq);
}

/** Drops a record that the hub never took, with all that hangs on it. */
export async function forget(tx: Tx, record: string): Promise<void> {
  const writes = tx.objectStore("writes");
  for (const seq of await writes.index("record").getAllKeys(record)) await writes.delete(seq);
  const uploads = tx.objectStore("uploads");
  for (const key of await uploads.index("record").getAllKeys(record)) await uploads.delete(key);
  await tx.objectStore("records").delete(record);
}

/** The officer lets them go. Without its creation nothing of a record can be sent. */
export async function discardRefused(db: Db, record: string): Promise<void> {
  await atomically(db, async (tx) => {
    const own = await tx.objectStore("writes").index("record").getAll(record);
    const refused = own.filter((write) => write.state === "refused");
    if (refused.some((write) => write.id === record)) return forget(tx, record);
    const fields = new Set(refused.flatMap((write) => Object.keys(write.wire.set)));
    for (const write of refused) await drop(tx, write.id);
    const uploads = tx.objectStore("uploads");
    for (const photo of await uploads.index("record").getAll(record)) {
      if (fields.has(photo.field)) await uploads.delete([photo.sha256, record]);
    }
    return refreshById(tx, record);
  });
  changed();
}

/** Asks for refused writes and photos of a record to be judged anew (SPEC X-4). */
export async function retryRefused(db: Db, record: string): Promise<void> {
  await atomically(db, async (tx) => {
    const [writes, uploads] = [tx.objectStore("writes"), tx.objectStore("uploads")];
    for (const { code: _, ...write } of await writes.index("record").getAll(record)) {
      if (write.state === "refused") await writes.put({ ...write, state: "pending" });
    }
    for (const photo of await uploads.index("record").getAll(record)) {
      if (photo.state === "refused") await uploads.put({ ...photo, state: "waiting", sent_bytes: 0 });
    }
    await refreshById(tx, record);
  });
  changed();
}
