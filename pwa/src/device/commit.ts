// Saving: the write, its photos and the view in one transaction that ends on the disk. Killed at any moment, the
// phone holds all of it or none (SPEC G1 for the phone), and saving the same form twice makes one write (G2).
import type { Written } from "../sync/draft";
import { PHOTO_PREFIX } from "../sync/record";
import type { Value, Write } from "../sync/write";
import { changed } from "./bus";
import { atomically, type Db, type DraftRow, metaIn, type Tx, type UploadRow } from "./db";
import { remember } from "./memory";
import { newId } from "./random";
import { provisional, refresh, rowOf, type Seed, streamOf } from "./records";
import { drop, forget } from "./refused";

interface Making extends Seed {
  readonly id: string;
  readonly corrects: readonly string[];
  readonly replaces?: string;
}

/** Saves a form and ends its draft. */
export function saveDraft(db: Db, draft: DraftRow, written: Written): Promise<void> {
  return commit(db, draft, written);
}

/** Saves an act of one tap on a record: settle, delete, restore. */
export function saveAct(db: Db, on: Seed, written: Written): Promise<void> {
  return commit(db, { ...on, id: newId(), corrects: [] }, written);
}

async function commit(db: Db, making: Making, written: Written): Promise<void> {
  await atomically(db, (tx) => apply(tx, making, written));
  changed();
}

async function apply(tx: Tx, making: Making, { set, seen }: Written): Promise<void> {
  const { id, record, kind, unit, campaign } = making;
  await tx.objectStore("drafts").delete(id);
  if (await tx.objectStore("writes").index("id").getKey(id)) return;
  const creates = record === id ? { kind, unit, campaign } : {};
  const wire: Write = { id, at: Date.now(), record, ...creates, set, ...(seen.length > 0 && { seen }) };
  if (making.replaces) await forget(tx, making.replaces);
  for (const refused of making.corrects) await drop(tx, refused);
  await tx.objectStore("writes").add({ id, record, stream: streamOf(making), wire, state: "pending" });
  for (const [field, value] of Object.entries(set)) {
    if (field.startsWith(PHOTO_PREFIX)) await carry(tx, making, field, value);
  }
  const row = await rowOf(tx, making);
  await refresh(tx, row.number ? row : { ...row, number: await provisional(tx, kind) });
  const described = (await metaIn(tx, "catalog"))?.kinds.find((one) => one.kind === kind);
  if (described) await remember(tx, described, set);
}

/** Puts a photo and its thumbnail on their way, or takes them off. */
async function carry(tx: Tx, making: Making, field: string, value: Value): Promise<void> {
  const { record } = making;
  const store = tx.objectStore("uploads");
  for (const old of await store.index("record").getAll(record)) {
    if (old.field === field && value === null) await store.delete([old.sha256, record]);
  }
  if (value === null || typeof value !== "object") return;
  const fresh = { field, record, stream: streamOf(making), state: "waiting", sent_bytes: 0 } as const;
  const full = {
    ...fresh,
    role: "full",
    sha256: String(value["sha256"]),
    size_bytes: Number(value["size_bytes"]),
  };
  const thumb = {
    ...fresh,
    role: "thumb",
    sha256: String(value["thumb_sha256"]),
    size_bytes: Number(value["thumb_size_bytes"]),
  };
  for (const row of [thumb, full] as UploadRow[]) {
    if (!(await store.getKey([row.sha256, record]))) await store.put(row);
  }
}
