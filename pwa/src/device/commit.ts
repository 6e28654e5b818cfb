// Saving: the write, its photos and the view in one transaction that ends on the disk. Killed at any moment, the
// phone holds all of it or none (SPEC G1 for the phone), and saving the same form twice makes one write (G2).
import type { Written } from "../sync/draft";
import { PHOTO_PREFIX } from "../sync/record";
import type { Value, Write } from "../sync/write";
import { type Db, meta, type Tx } from "./db";
import { remember } from "./memory";
import { newId } from "./random";
import { amend, rowOf, type Seed, streamOf } from "./records";
import { drop, forget } from "./refused";

interface Making extends Seed {
  readonly id: string;
  readonly corrects: readonly string[];
  readonly replaces?: string;
}

/** Saves an act of one tap on a record: settle, delete, restore. */
export function saveAct(db: Db, on: Seed, written: Written): Promise<void> {
  return saveDraft(db, { ...on, id: newId(), corrects: [] }, written);
}

/** Saves a form and ends its draft. */
export function saveDraft(db: Db, making: Making, written: Written): Promise<void> {
  return amend(db, async (tx) => {
    await tx.delete("drafts", making.id);
    if (!(await tx.get("writes", making.id, "id"))) await make(tx, making, written);
  });
}

async function make(tx: Tx, making: Making, { set, seen }: Written): Promise<void> {
  const { id, record, kind, unit, campaign } = making;
  const creates = record === id ? { kind, unit, campaign } : {};
  const wire: Write = { id, at: Date.now(), record, ...creates, set, ...(seen.length > 0 && { seen }) };
  if (making.replaces) await forget(tx, making.replaces);
  for (const refused of making.corrects) await drop(tx, refused);
  await tx.put("writes", { id, record, kind, stream: streamOf(making), wire, state: "pending" });
  for (const [field, value] of Object.entries(set)) {
    if (field.startsWith(PHOTO_PREFIX)) await carry(tx, making, field, value);
  }
  const catalog = await meta(tx, "catalog");
  const described = catalog?.kinds.find((one) => one.kind === kind);
  const row = await rowOf(tx, making);
  const number = row.number || (await provisional(tx, kind, `${described?.prefix}-${catalog?.officer.mark}`));
  await tx.put("records", { ...row, number });
  if (described) await remember(tx, described, set);
}

/** `BR-K7.1`: said on this phone until the hub gives the final number. */
async function provisional(tx: Tx, kind: string, prefix: string): Promise<string> {
  const numbers = (await meta(tx, "numbers")) ?? {};
  const next = (numbers[kind] ?? 0) + 1;
  await tx.put("meta", { ...numbers, [kind]: next }, "numbers");
  return `${prefix}.${next}`;
}

/** Puts a photo and its thumbnail on their way, or takes them off. */
async function carry(tx: Tx, making: Making, field: string, value: Value): Promise<void> {
  const { record } = making;
  if (value === null || typeof value !== "object") {
    for (const old of await tx.getAll("uploads", "record", record)) {
      if (old.field === field) await tx.delete("uploads", [old.sha256, record]);
    }
    return;
  }
  for (const role of ["thumb", "full"] as const) {
    const part = role === "thumb" ? "thumb_" : "";
    const sha256 = String(value[`${part}sha256`]);
    if (await tx.get("uploads", [sha256, record])) continue;
    const size_bytes = Number(value[`${part}size_bytes`]);
    const stream = streamOf(making);
    await tx.put("uploads", {
      field,
      record,
      stream,
      role,
      sha256,
      size_bytes,
      state: "waiting",
      sent_bytes: 0,
    });
  }
}
