// Saving: the write, its photos and the view in one transaction that ends on the disk. Killed at any moment, the
// phone holds all of it or none (SPEC G1 for the phone), and saving the same form twice makes one write (G2).
import type { Written } from "../core/draft";
import { filesIn, namesFile } from "../core/record";
import { streamOf } from "../core/sums";
import { equal, type Value, type Values, type Write } from "../core/write";
import { kindOf } from "../db/catalog";
import { amend, rowOf, type Seed } from "../db/records";
import { type Db, meta, type Tx, type WriteRow } from "../db/schema";
import { newId } from "../platform/ids";
import { remember } from "./memory";
import { drop, forgetRecord } from "./refused";
import { forgetUnplaced } from "./unplaced";

interface Making extends Seed {
  readonly id: string;
  readonly corrects: readonly string[];
  readonly replaces?: string | undefined;
}

/** Saves an act of one tap on a record: settle, delete, restore. */
export function saveAct(db: Db, on: Seed, written: Written): Promise<string> {
  return saveDraft(db, { ...on, id: newId(), corrects: [] }, written);
}

/** Saves acts on several records, and what `besides` notes of them: all or none. */
export async function saveActs(
  db: Db,
  acts: readonly (readonly [Seed, Written])[],
  besides: (tx: Tx) => Promise<void>,
): Promise<void> {
  await amend(db, async (tx) => {
    for (const [{ record, kind, unit, campaign }, written] of acts)
      await make(tx, { record, kind, unit, campaign, id: newId(), corrects: [] }, written);
    await besides(tx);
  });
}

/** Saves a form and ends its draft; returns the record. Of a form that was saved before, only changed fields are written. */
export async function saveDraft(db: Db, making: Making, written: Written): Promise<string> {
  const saved = await amend(db, async (tx) => {
    await tx.delete("drafts", making.id);
    const { id, replaces } = making;
    // By the very form: saved twice, or put back by an app that was killed (G2).
    const own = await tx.get("writes", id, "id");
    const before = own ? [own] : await sentAgain(tx, replaces, written.seen);
    const [first] = before;
    if (!first) {
      await make(tx, making, written);
      return making.record;
    }
    const { record } = first;
    const rest = beyond(before, written, !own);
    const corrects = own ? making.corrects : written.seen;
    if (rest) await make(tx, { ...making, id: newId(), record, corrects, replaces: undefined }, rest);
    return record;
  });
  forgetUnplaced(making.id);
  return saved;
}

/** The writes of a record that a form was to replace, where its creation is refused no more. */
async function sentAgain(tx: Tx, record = "", seen: readonly string[]): Promise<WriteRow[]> {
  const writes = await tx.getAll("writes", "record", record);
  const sent = writes.filter((write) => seen.includes(write.id) && write.state !== "refused");
  return sent.some((write) => write.id === record) ? sent : [];
}

/** What a form changes of these writes, which it has seen; null: nothing. `whole`: fields that it lacks were cleared. */
function beyond(before: readonly WriteRow[], { set, seen }: Written, whole: boolean): Written | null {
  const held = said(before);
  const gone = whole ? Object.keys(held).map((field) => [field, null] as const) : [];
  const all = Object.entries({ ...Object.fromEntries(gone), ...set });
  const rest = all.filter(([field, value]) => !(field in held && equal(held[field], value)));
  const ids = before.map((write) => write.id);
  return rest.length > 0
    ? { set: Object.fromEntries(rest), seen: [...new Set([...seen, ...ids])].sort() }
    : null;
}

async function make(tx: Tx, making: Making, written: Written): Promise<void> {
  const { id, record, kind, unit, campaign, corrects, replaces } = making;
  const { seen } = written;
  const set = replaces ? await besides(tx, replaces, written) : written.set;
  const creates = record === id ? { kind, unit, campaign } : {};
  const wire: Write = { id, at: Date.now(), record, ...creates, set, ...(seen.length > 0 && { seen }) };
  if (replaces) await forgetRecord(tx, replaces);
  for (const refused of corrects) await drop(tx, refused);
  await tx.put("writes", { id, record, kind, stream: streamOf(making), wire, state: "pending" });
  for (const [field, value] of Object.entries(set)) {
    if (namesFile(field)) await carry(tx, making, field, value);
  }
  const catalog = await meta(tx, "catalog");
  const described = kindOf(catalog, kind);
  const row = await rowOf(tx, making);
  const number = row.number || (await provisional(tx, kind, `${described?.prefix}-${catalog?.officer.mark}`));
  await tx.put("records", { ...row, number });
  if (described) await remember(tx, described, set);
}

/** The form's values, with those that one tap set on the record it replaces since it was drawn. */
async function besides(tx: Tx, record: string, { set, seen }: Written): Promise<Values> {
  const own = await tx.getAll("writes", "record", record);
  const drawn = said(own.filter(({ id }) => seen.includes(id)));
  // Being deleted meanwhile is over, for the form was saved.
  const { deleted: _d, ...later } = said(own.filter(({ id }) => !seen.includes(id)));
  // What the person changed or took away in the form stands.
  const kept = Object.entries(later).filter(([field]) => equal(set[field], drawn[field]));
  return { ...set, ...Object.fromEntries(kept) };
}

function said(writes: readonly WriteRow[]): Values {
  return Object.assign({}, ...writes.map((write) => write.wire.set));
}

/** `BR-K7.1`: said on this phone until the server gives the final number. */
async function provisional(tx: Tx, kind: string, prefix: string): Promise<string> {
  const numbers = (await meta(tx, "numbers")) ?? {};
  const next = (numbers[kind] ?? 0) + 1;
  await tx.put("meta", { ...numbers, [kind]: next }, "numbers");
  return `${prefix}.${next}`;
}

/** Queues a photo and its thumbnail, or a document, again if they were refused. One that was taken off stays queued (keepPhotos). */
async function carry(tx: Tx, making: Making, field: string, value: Value): Promise<void> {
  const { record } = making;
  for (const file of filesIn(value)) {
    const held = await tx.get("uploads", [file.sha256, record]);
    if (held && held.state !== "refused") continue;
    const stream = streamOf(making);
    await tx.put("uploads", { ...file, field, record, stream, state: "waiting", sent_bytes: 0 });
  }
}
