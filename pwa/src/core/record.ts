// What a record says, read off the survivors of its fields (SPEC S-1 to S-11). A conflict is data, never an error:
// all sides are kept and shown until a person settles it.

/** A write as it survives in one field. `seen` is kept for `deleted` alone, which S-7 reads. */
export interface Side {
  readonly id: string;
  readonly at: number;
  readonly by: string;
  readonly value: Value;
  readonly seen?: readonly string[];
}

/** S-1: the state of a record is the map from each field to its survivors. */
export type Fields = Readonly<Record<string, readonly Side[]>>;

export const PHOTO_PREFIX = "photos/";
export const DOCUMENT_PREFIX = "documents/";
/** Of fields in which an officer says that values stay as they are, by the check that asked (F-28). */
export const KEPT_PREFIX = "kept/";

/** A field that names a photo (S-6) or a PDF (S-13). */
export function namesFile(field: string): boolean {
  return field.startsWith(PHOTO_PREFIX) || field.startsWith(DOCUMENT_PREFIX);
}

/** Photos, each with its thumbnail, and PDF files. */
export interface FileCount {
  readonly photos: number;
  readonly pdfs: number;
}

/** The small and the large file of one photo are one photo. */
export function countFiles(files: readonly { readonly record: string; readonly field: string }[]): FileCount {
  const pdf = ({ field }: { readonly field: string }) => field.startsWith(DOCUMENT_PREFIX);
  const all = new Map(files.map((file) => [file.record + file.field, file]));
  const pdfs = [...all.values()].filter(pdf).length;
  return { photos: all.size - pdfs, pdfs };
}

export interface NamedFile {
  readonly role: "thumb" | "full";
  readonly sha256: string;
  readonly size_bytes: number;
}

/** The files that the value of such a field names: of a photo its thumbnail, too. */
export function filesIn(value: Value): NamedFile[] {
  return (["thumb", "full"] as const).flatMap((role) => {
    const prefix = role === "thumb" ? "thumb_" : "";
    const sha256 = part(value, `${prefix}sha256`);
    return sha256
      ? { role, sha256: String(sha256), size_bytes: Number(part(value, `${prefix}size_bytes`)) }
      : [];
  });
}

/** W-3: latest first, tie: greater id first. */
export function byRank(a: Side, b: Side): number {
  return b.at - a.at || (a.id < b.id ? 1 : -1);
}

export function sideOf({ id, at, by, set, seen = [] }: ListedWrite, field: string): Side {
  const side = { id, at, by, value: set[field] ?? null };
  return field === "deleted" ? { ...side, seen } : side;
}

/** The distinct values a field's survivors hold, in display order. */
export function sides(fields: Fields, field: string): Value[] {
  const all = fields[field] ?? [];
  // Nearly always there is one: a list reads thousands.
  if (all.length < 2) return all.map((side) => side.value);
  const distinct = new Map(all.map((side) => [canonical(side.value), side.value]));
  return [...distinct.values()];
}

/** S-3: the agreed value; null for none and for a conflict (S-4). */
export function value(fields: Fields, field: string): Value {
  const found = sides(fields, field);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** S-3 for every field that holds one. */
export function values(fields: Fields): Values {
  const entries = Object.keys(fields).map((field) => [field, value(fields, field)] as const);
  return Object.fromEntries(entries.filter(([, held]) => held !== null));
}

/** S-4, S-10: fields whose survivors disagree; `deleted`, `submitted` and what was kept (F-29) have rules of their own. */
export function conflicts(fields: Fields): string[] {
  const marks = ["deleted", "submitted"];
  return Object.keys(fields)
    .filter((field) => !(marks.includes(field) || field.startsWith(KEPT_PREFIX)))
    .filter((field) => sides(fields, field).length > 1)
    .sort();
}

/** S-7: deleted, and every survivor of every other field was seen by one of the deletes. */
export function hidden(fields: Fields): boolean {
  const deletes = fields["deleted"] ?? [];
  if (deletes.length === 0 || deletes.some((side) => side.value !== true)) return false;
  const seen = new Set(deletes.flatMap((side) => [side.id, ...(side.seen ?? [])]));
  return Object.values(fields).every((alive) => alive.every((side) => seen.has(side.id)));
}

/** S-8: somebody deleted it, somebody else edited it without having seen that. */
export function editedWhileDeleted(fields: Fields): boolean {
  return says(fields, "deleted") && !hidden(fields);
}

/** A yes or no, said yes by anybody. */
export function says(fields: Fields, field: string): boolean {
  return (fields[field] ?? []).some((side) => side.value === true);
}

/** S-9: any true survivor. */
export function submitted(fields: Fields): boolean {
  return says(fields, "submitted");
}

/** W-6: the `seen` of a write that sets these fields, as they are drawn now. */
export function seenOf(fields: Fields, names: readonly string[] = Object.keys(fields)): string[] {
  return [...new Set(names.flatMap((name) => (fields[name] ?? []).map((side) => side.id)))].sort();
}

// A write: the only thing a phone ever adds (SPEC W-1 to W-9). It never changes once made (W-4).

export type Scalar = string | number | boolean | null;
export type Value = Scalar | { readonly [part: string]: Scalar };
export type Values = Readonly<Record<string, Value>>;

/** As it travels. `at` orders the sides of a conflict for display and nothing else (W-3). */
export interface Write {
  readonly id: string;
  readonly at: number;
  readonly record: string;
  readonly set: Values;
  readonly seen?: readonly string[];
  /** Only on the write that creates the record, whose id is the record's (W-2). */
  readonly kind?: string;
  readonly unit?: string;
  readonly campaign?: string;
}

/** What else an outbox holds (SPEC X-62): an answer to a return, a message, or figures that were confirmed. */
export interface ReplyEntry {
  readonly id: string;
  readonly reply: {
    readonly record: string;
    readonly decision: string;
    readonly text: string;
    readonly at: number;
  };
}
/** A question or an answer about a record (D-15). */
export interface MessageEntry {
  readonly id: string;
  readonly message: { readonly record: string; readonly text: string; readonly at: number };
}
export interface SealEntry {
  readonly id: string;
  readonly seal: {
    readonly unit: string;
    readonly campaign: string;
    readonly shown: Readonly<Record<string, number>>;
    readonly empty: boolean;
    /** As the sheet had it that was shown; an older server gives none. */
    readonly basis?: string;
    /** Not to be taken if anything was written since the sheet: then it is asked again. */
    readonly current?: boolean;
    /** Who made the figures, and the leader who approved them. */
    readonly prepared_by?: string;
    readonly approved_by?: string;
    readonly approved_title?: string;
    readonly approved_on?: string;
  };
}
export type OutboxEntry = Write | ReplyEntry | MessageEntry | SealEntry;

/** The record that such an entry speaks of; none for figures. */
export function recordOf(entry: ReplyEntry | MessageEntry | SealEntry): string | undefined {
  if ("reply" in entry) return entry.reply.record;
  return "message" in entry ? entry.message.record : undefined;
}

/** A part of a value that has parts. */
export function part(value: Value | undefined, name: string): Value {
  return typeof value === "object" ? (value?.[name] ?? null) : null;
}

/** One text for equal values, whatever the order of an object's parts. true and 1 are two values. */
export function canonical(value: Value): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return JSON.stringify(Object.entries(value).sort());
}

export function equal(a: Value | undefined, b: Value | undefined): boolean {
  return canonical(a ?? null) === canonical(b ?? null);
}

/** A write as the server lists it in a change (SPEC X-8). */
export interface ListedWrite {
  readonly id: string;
  readonly at: number;
  readonly by: string;
  readonly set: Readonly<Record<string, Value>>;
  readonly seen?: readonly string[];
}

// What a phone holds of a record: the survivors it pulled, with its own writes laid over them.
// Laying is a function of the *set* of own writes, so neither their order nor a repeat changes what is shown.

/** The part of X-7 that speaks of fields. */
export interface FieldsChange {
  readonly whole: boolean;
  readonly writes: readonly ListedWrite[];
  readonly keep?: Readonly<Record<string, readonly string[]>>;
}

/** Survivors of a field, in display order: those held that stay, and the writes that set it. */
function survivors(
  held: readonly Side[] = [],
  stays: (side: Side) => boolean | undefined,
  writes: readonly ListedWrite[],
  field: string,
): Side[] {
  const setters = writes.filter((write) => field in write.set);
  const old = held.filter((side) => stays(side) && !setters.some((write) => write.id === side.id));
  return [...old, ...setters.map((write) => sideOf(write, field))].sort(byRank);
}

/** survivors of a touched field are the listed writes that set it, and those held ones that `keep` names. */
export function applyChange(held: Fields, { whole, writes, keep = {} }: FieldsChange): Fields {
  const next: Record<string, readonly Side[]> = whole ? {} : { ...held };
  for (const field of new Set([...writes.flatMap((write) => Object.keys(write.set)), ...Object.keys(keep)])) {
    const now = survivors(held[field], (side) => keep[field]?.includes(side.id), writes, field);
    if (now.length > 0) next[field] = now;
    else delete next[field];
  }
  return next;
}

/** S-1 for own writes over survivors: each takes away what it has seen and adds itself. */
export function lay(base: Fields, own: readonly Write[], by: string): Fields {
  const next: Record<string, readonly Side[]> = { ...base };
  const writes = own.map((write) => ({ ...write, by }));
  for (const field of new Set(own.flatMap((write) => Object.keys(write.set)))) {
    const seen = ({ id }: Side) =>
      own.some((write) => field in write.set && write.id !== id && write.seen?.includes(id));
    next[field] = survivors(base[field], () => true, writes, field).filter((side) => !seen(side));
  }
  return next;
}
