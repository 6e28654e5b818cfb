// Saving: the write, its photos and the view in one transaction that ends on the disk. Killed at any moment, the
// phone holds all of it or none (SPEC G1 for the phone), and saving the same form twice makes one write (G2).

import { lasting, type Written } from "../core/draft";
import type { Kind } from "../core/kind";
import { equal, filesIn, namesFile, type Value, type Values, type Write } from "../core/record";
import { streamOf } from "../core/sums";
import { fold } from "../core/text";
import { kindOf } from "../db/catalog";
import { amend, rowOf, type Seed } from "../db/records";
import { type Db, type DraftRow, meta, type Tx, type WriteRow } from "../db/schema";
import { newId } from "../platform/ids";
import { holdPage } from "../platform/page";
import { aboutAnother } from "./messages";
import { drop, forgetRecord } from "./refused";

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
export async function saveDraft(db: Db, asDrawn: Making, changes: Written): Promise<string> {
  const saved = await amend(db, async (tx) => {
    const held = await tx.get("drafts", asDrawn.id);
    await tx.delete("drafts", asDrawn.id);
    const making = { ...asDrawn, ...(held && { record: held.record, corrects: held.corrects }) };
    const written = making.record === asDrawn.record ? changes : withoutItsRecord(changes, held);
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
  forgetUnplaced(asDrawn.id);
  return saved;
}

/** What a form writes whose record this phone let go of since it was drawn (forgetRecord). */
function withoutItsRecord({ set }: Written, held: DraftRow | undefined): Written {
  if (!held || held.record !== held.id) return { set, seen: held ? [held.record] : [] };
  const { deleted: _d, ...all } = { ...held.now, ...set };
  return { set: { ...withValues({}, all), submitted: true }, seen: [] };
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
  if (replaces) {
    await aboutAnother(tx, replaces, record);
    await forgetRecord(tx, replaces, record);
  }
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

// What this phone remembers to save typing: the last value where a kind asks for it, and texts used before, last first.

const KEPT = 20;

export async function remember(tx: Tx, kind: Kind, set: Values): Promise<void> {
  const defaults: Record<string, Values> = { ...(await meta(tx, "defaults")) };
  const texts: Record<string, readonly string[]> = { ...(await meta(tx, "texts")) };
  for (const field of kind.fields) {
    const said = set[field.name];
    if (typeof said !== "string" || said === "") continue;
    if (field.default === "last") defaults[kind.kind] = { ...defaults[kind.kind], [field.name]: said };
    const list = listOf(field);
    if (!list) continue;
    const others = (texts[list] ?? []).filter((text) => fold(text) !== fold(said));
    texts[list] = [said, ...others].slice(0, KEPT);
  }
  if (kind.fields.some(({ type, name }) => type === "schedule" && set[name])) {
    const previous = { ...(await meta(tx, "previous")), [kind.kind]: lasting(kind, set) };
    await tx.put("meta", previous, "previous");
  }
  await tx.put("meta", defaults, "defaults");
  await tx.put("meta", texts, "texts");
}

/** The list a field is remembered in. */
export function listOf(field: { readonly type: string; readonly suggest?: string }): string | undefined {
  return field.suggest ?? (field.type === "slogan" ? "slogans" : undefined);
}

// Forms, or what was changed of one, for which the phone had no room: in this page's memory until a later change, or a shot, finds
// some (SPEC P-28). They are on home and in a rescue file like all others, and hold their page.

interface Unplaced {
  readonly database: string;
  /** As it was when it was changed last. */
  readonly row: DraftRow;
  /** Of one that lies on the disk, what that lacks. */
  readonly owed: Values | undefined;
}

const byId = new Map<string, Unplaced>();
let letGo: (() => void) | undefined;

/** `placed` is what lies on the disk of it, if anything does. */
export function keepUnplaced({ name }: Pick<Db, "name">, row: DraftRow, placed?: DraftRow): void {
  byId.set(row.id, { database: name, row, owed: placed && difference(placed.now, row.now) });
  hold();
}

/** It is on the disk whole, or let go. */
export function forgetUnplaced(id: string): void {
  byId.delete(id);
  hold();
}

function hold(): void {
  const holds = [...byId.values()].some(({ row, owed }) =>
    owed ? Object.keys(owed).length > 0 : !row.untouched,
  );
  if (holds) letGo ??= holdPage(true);
  else {
    letGo?.();
    letGo = undefined;
  }
}

/** A draft as this page knows it; `held` is what lies on the disk. One that lay there and went stays gone. */
export function withUnplaced(id: string, held: DraftRow | undefined): DraftRow | undefined {
  const own = byId.get(id);
  if (!own) return held;
  const { row, owed } = own;
  if (!held) {
    if (owed) forgetUnplaced(id);
    return owed ? undefined : row;
  }
  const { as_planned } = row;
  return {
    ...held,
    ...(as_planned && { as_planned }),
    now: withValues(held.now, owed ?? row.now),
    untouched: false,
  };
}

/** Whether all that there is of a form is in this page's memory. */
export function isUnplaced(id: string): boolean {
  const own = byId.get(id);
  return own !== undefined && !own.owed;
}

export async function draftOf(db: Db, id: string): Promise<DraftRow | undefined> {
  return withUnplaced(id, await db.get("drafts", id));
}

export async function allDrafts(db: Db): Promise<readonly DraftRow[]> {
  const held = await db.getAll("drafts");
  const there = new Set(held.map(({ id }) => id));
  const alone = [...byId.values()].filter(
    ({ database, row, owed }) => database === db.name && !owed && !there.has(row.id),
  );
  return [...held.map((row) => withUnplaced(row.id, row) ?? row), ...alone.map(({ row }) => row)];
}

/** Of an officer who leaves, and was asked. */
export function forgetAllUnplaced({ name }: Pick<Db, "name">): void {
  for (const [id, { database }] of byId) if (database === name) forgetUnplaced(id);
}

/** With these, of which null takes one away. */
export function withValues(now: Values, values: Values): Values {
  return Object.fromEntries(Object.entries({ ...now, ...values }).filter(([, value]) => value !== null));
}

function difference(before: Values, after: Values): Values {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !equal(before[name], after[name]));
  return Object.fromEntries(changed.map((name): [string, Value] => [name, after[name] ?? null]));
}
