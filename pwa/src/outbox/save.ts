// Saving: the write, its photos and the view in one transaction that ends on the disk. Killed at any moment, the
// phone holds all of it or none (SPEC G1 for the phone), and saving the same form twice makes one write (G2).

import { lasting, NOTHING, type Written, written } from "../core/draft";
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
import { drop, forgetRecord, heirOf } from "./refused";

interface Making extends Seed {
  readonly id: string;
  readonly corrects: readonly string[];
  readonly replaces?: string | undefined;
}

/** Saves an act of one tap on a record: settle, delete, restore. */
export async function saveAct(db: Db, on: Seed, said: Written): Promise<void> {
  await amend(db, (tx) => act(tx, on, said));
}

/** Saves acts on several records, and what `besides` notes of them: all or none. */
export async function saveActs(
  db: Db,
  acts: readonly (readonly [Seed, Written])[],
  besides: (tx: Tx) => Promise<void>,
): Promise<void> {
  await amend(db, async (tx) => {
    for (const [on, said] of acts) await act(tx, on, said);
    await besides(tx);
  });
}

/** On what stands for its record by now, of which it has seen nothing; where the officer let that go, there is nothing to act on. */
async function act(tx: Tx, { record, kind, unit, campaign }: Seed, said: Written): Promise<void> {
  const making = { record, kind, unit, campaign, id: newId(), corrects: [] };
  const heir = (await tx.get("records", record)) ? undefined : heirOf(await meta(tx, "let_go"), record);
  if (heir === undefined) await make(tx, making, said);
  else if (heir) await make(tx, { ...making, record: heir }, { ...said, seen: [] });
}

/** Saves what is written of a record, and ends a draft of that id; returns the record. */
export async function saveDraft(db: Db, making: Making, said: Written): Promise<string> {
  const saved = await amend(db, (tx) => place(tx, making, said));
  forgetUnplaced(making.id);
  return saved;
}

/**
 * Saves a form as it says `now`, which is whole and tidy, and ends it. What it writes is found in the transaction, where its record
 * may have become another, or none (F-42); null: nothing was changed.
 */
export async function saveForm(
  db: Db,
  form: DraftRow,
): Promise<{ readonly record: string; readonly said: Written | null }> {
  const saved = await amend(db, async (tx) => {
    const on = await goesOn(tx, form);
    const own = await tx.getAll("writes", "record", on.replaces ?? on.record);
    const carried = own.filter(({ id, state }) => state === "refused" && on.corrects.includes(id));
    const fields = carried.flatMap(({ wire }) => Object.keys(wire.set));
    const said = written(on.drawn, on.now, fields);
    if (said) return { said, record: await place(tx, on, said) };
    await tx.delete("drafts", on.id);
    return { said, record: on.record };
  });
  forgetUnplaced(form.id);
  return saved;
}

/** Of a form that was saved before, only changed fields are written. */
async function place(tx: Tx, making: Making, said: Written): Promise<string> {
  const { id, replaces } = making;
  await tx.delete("drafts", id);
  // By the very form: saved twice, or put back by an app that was killed (G2).
  const own = await tx.get("writes", id, "id");
  const before = own ? [own] : await sentAgain(tx, replaces, said.seen);
  const [first] = before;
  if (!first) {
    await make(tx, making, said);
    return making.record;
  }
  const { record } = first;
  const rest = beyond(before, said, !own);
  const corrects = own ? making.corrects : said.seen;
  if (rest) await make(tx, { ...making, id: newId(), record, corrects, replaces: undefined }, rest);
  return record;
}

/**
 * A form as it goes on where this phone let go of the record that it was drawn over (F-42): over the one that stands for it, of which
 * it has seen what that says alike, else as a record of its own. Any other form as it is.
 */
export async function goesOn(rows: Tx, form: DraftRow): Promise<DraftRow> {
  const { replaces, replaced = {}, ...on } = form;
  const over = replaces ?? on.record;
  if (over === on.id || (await rows.get("records", over))) return form;
  const heir = heirOf(await meta(rows, "let_go"), over);
  if (heir === undefined) return form;
  const { deleted: _d, submitted: _s, ...now } = on.now;
  if (heir === "") return { ...on, now, record: on.id, drawn: NOTHING, corrects: [] };
  const { deleted: _e, submitted: _t, ...values } = replaces ? replaced : on.drawn.values;
  const set = (await rows.get("writes", heir, "id"))?.wire.set ?? {};
  const all = [...new Set([...Object.keys(values), ...Object.keys(now), ...Object.keys(set)])];
  const apart = all.filter((field) => !equal(values[field], set[field]));
  const seen = Object.fromEntries(all.map((field) => [field, [heir]]));
  const drawn = { values, seen, hidden: false, submitted: true, apart };
  return { ...on, now, record: heir, drawn, corrects: [] };
}

/** The writes of a record that a form was to replace, where its creation is refused no more. */
async function sentAgain(tx: Tx, record = "", seen: readonly string[]): Promise<WriteRow[]> {
  const writes = await tx.getAll("writes", "record", record);
  const sent = writes.filter((write) => seen.includes(write.id) && write.state !== "refused");
  return sent.some((write) => write.id === record) ? sent : [];
}

/** What a form changes of these writes, which it has seen; null: nothing. `whole`: fields that it lacks were cleared. */
function beyond(before: readonly WriteRow[], { set, seen }: Written, whole: boolean): Written | null {
  const held = saidBy(before);
  const gone = whole ? Object.keys(held).map((field) => [field, null] as const) : [];
  const all = Object.entries({ ...Object.fromEntries(gone), ...set });
  const rest = all.filter(([field, value]) => !(field in held && equal(held[field], value)));
  const ids = before.map((write) => write.id);
  return rest.length > 0
    ? { set: Object.fromEntries(rest), seen: [...new Set([...seen, ...ids])].sort() }
    : null;
}

async function make(tx: Tx, making: Making, said: Written): Promise<void> {
  const { id, record, kind, unit, campaign, corrects, replaces } = making;
  const { seen } = said;
  const set = replaces ? await besides(tx, replaces, said) : said.set;
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
  const drawn = saidBy(own.filter(({ id }) => seen.includes(id)));
  // Being deleted meanwhile is over, for the form was saved.
  const { deleted: _d, ...later } = saidBy(own.filter(({ id }) => !seen.includes(id)));
  // What the person changed or took away in the form stands.
  const kept = Object.entries(later).filter(([field]) => equal(set[field], drawn[field]));
  return { ...set, ...Object.fromEntries(kept) };
}

function saidBy(writes: readonly WriteRow[]): Values {
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

/** As it goes on (F-42). */
export async function draftOf(db: Db, id: string): Promise<DraftRow | undefined> {
  const found = withUnplaced(id, await db.get("drafts", id));
  return found && goesOn(db, found);
}

export async function allDrafts(db: Db): Promise<readonly DraftRow[]> {
  const held = await db.getAll("drafts");
  const there = new Set(held.map(({ id }) => id));
  const alone = [...byId.values()].filter(
    ({ database, row, owed }) => database === db.name && !owed && !there.has(row.id),
  );
  const all = [...held.map((row) => withUnplaced(row.id, row) ?? row), ...alone.map(({ row }) => row)];
  return Promise.all(all.map((row) => goesOn(db, row)));
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
