// A kind of record as the catalogue brings it (sync/kinds/*.json): forms, lists and figures are read off it.
import type { Amount } from "./amount";
import { equal, type Value, type Values } from "./record";

export type Label = Readonly<Record<string, string>>;

export interface Field {
  readonly name: string;
  readonly type: string;
  readonly label: Label;
  readonly unit?: Label;
  readonly required?: boolean;
  readonly default?: Value;
  readonly min?: number;
  readonly max?: number;
  readonly max_length?: number;
  readonly multiline?: boolean;
  /** Shown behind "Thêm". */
  readonly more?: boolean;
  /** Which list of the unit, or of this phone's memory, is offered while typing. */
  readonly suggest?: string;
  readonly choices?: readonly { readonly value: string; readonly label: Label }[];
  /** Of a `file` field: which files of the campaign are offered; and the text field that gets the file's title. */
  readonly files?: "script" | "design";
  readonly fills?: string;
  /** The yes or no that the file may answer for the records that use it (SPEC F-25). */
  readonly answers?: string;
  /** Of a yes or no with three answers: the field that says who gave it. */
  readonly said_by?: string;
  readonly retired?: boolean;
  /** Of an integer that measures: as people read it, with so many digits behind the comma (SPEC F-17). */
  readonly measure?: { readonly scale: number; readonly unit: Label };
  /** The retired field that this one stands for, with the factor from its values (SPEC F-19). */
  readonly replaces?: Readonly<Record<string, number>>;
  /** Asked for only while these fields hold these values; what was entered stays. */
  readonly shown_where?: Readonly<Record<string, Value>>;
}

/** Whether a form asks for it now; what was entered before is kept and shown. */
export function isAsked({ name, shown_where = {} }: Field, now: Values): boolean {
  const holds = Object.entries(shown_where).every(([other, value]) => equal(now[other], value));
  return holds || (now[name] ?? null) !== null;
}

/** The field that stands for this retired one, if it holds a value: then this one is not added (SPEC F-19). */
export function replacedBy({ fields }: Kind, name: string, now: Values): Field | undefined {
  return fields.find((field) => name in (field.replaces ?? {}) && (now[field.name] ?? null) !== null);
}

/** What a form shows of a field: where it is empty, the value of the retired field that it stands for (SPEC F-19). */
export function heldIn({ name, replaces = {} }: Field, now: Values): Value {
  const [old = "", factor = 1] = Object.entries(replaces)[0] ?? [];
  const before = now[old];
  return now[name] ?? (typeof before === "number" ? before * factor : null);
}

/** Whether a chosen file says it already, in its own words (SPEC F-2): then it is not asked for again. */
export function isSaidByFile(
  { fields }: Kind,
  { name }: Field,
  now: Values,
  files: readonly (Giving & { readonly id: string })[] = [],
): boolean {
  const by = fields.find(({ fills }) => fills === name);
  const file = by && files.find(({ id }) => id === now[by.name]);
  return file !== undefined && file.title === now[name];
}

/** What a file of the campaign gives to records that use it. */
export interface Giving {
  readonly title: string;
  readonly hotline?: boolean | null;
}

/**
 * What else is set where a person gives a field this value: a file's title (SPEC F-2), and its answer to a yes or no, unless
 * a person answered that; of a yes or no who gave it (F-25).
 */
export function follows({ fields }: Kind, field: Field, value: Value, now: Values, file?: Giving): Values {
  if (field.said_by) return { [field.said_by]: value === null ? null : "person" };
  const set: Record<string, Value> = field.fills && file?.title ? { [field.fills]: file.title } : {};
  const asked = fields.find(({ name }) => name === field.answers);
  if (!asked?.said_by || now[asked.said_by] === "person") return set;
  const answer = file?.hotline ?? null;
  if (answer !== null) return { ...set, [asked.name]: answer, [asked.said_by]: "file" };
  return now[asked.said_by] === "file" ? { ...set, [asked.name]: null, [asked.said_by]: null } : set;
}

/** Values that a form begins with, with the answers that the files among them give. */
export function withAnswers(
  kind: Kind,
  now: Values,
  files: readonly (Giving & { readonly id: string })[] = [],
): Values {
  const given = kind.fields.map((field) => {
    const value = now[field.name] ?? null;
    const file = field.answers ? files.find(({ id }) => id === value) : undefined;
    return file ? follows(kind, field, value, now, file) : {};
  });
  return Object.assign({}, ...given, now);
}

/** Who gave the answer to a yes or no: "old" for a true that an app before this began with. */
export function answeredBy({ name, said_by }: Field, values: Values): "file" | "old" | undefined {
  if (!said_by || (values[name] ?? null) === null) return undefined;
  if (values[said_by] === "file") return "file";
  return values[name] === true && (values[said_by] ?? null) === null ? "old" : undefined;
}

export interface Figure {
  readonly code: string;
  readonly label: Label;
  readonly unit: Label;
  /** Decimal digits of its amounts (SPEC F-17); 0 if absent, as in the catalogue of an older server. */
  readonly scale?: number;
  /** Each the first of its fields that holds a value, times its factor; absent where `product` says it all. */
  readonly terms?: readonly Readonly<Record<string, number>>[];
  /** Empty = 1. Absent where `distinct` is given: different values are counted (SPEC F-5). */
  readonly product?: readonly string[];
  readonly distinct?: readonly string[];
  /** A list: any of them; null is absent. */
  readonly where?: Readonly<Record<string, Value | readonly Value[]>>;
}

/** Something about a record that is to be looked at (SPEC F-26). */
export interface Check {
  readonly id: string;
  readonly type: string;
  /** What it is about, in the order that its type gives them. */
  readonly fields?: readonly string[];
  /** Whose days are common to records that say the same, and without which fields they do not. */
  readonly day?: string;
  readonly needs?: readonly string[];
  /** Least number of amounts to compare, and how many times the usual distance is far. */
  readonly enough?: number;
  readonly times?: number;
  /** False where the officer is not asked: it would be too often. */
  readonly asks?: boolean;
  /** Only records that match it are looked at, as in a figure. */
  readonly where?: NonNullable<Figure["where"]>;
  /** Its sentence, if its type's is not apt. */
  readonly says?: Label;
}

/** An amount of a figure as it is stored. */
export function amountIn(figure: Figure | undefined, digits: number): Amount {
  return { digits, scale: figure?.scale ?? 0 };
}

export interface Kind {
  readonly kind: string;
  readonly prefix: string;
  /** As the desk draws it; not in a catalogue that an older server gave. */
  readonly icon?: string;
  readonly order: number;
  readonly label: Label;
  /** The field that names a record in a list. */
  readonly title: string;
  readonly fields: readonly Field[];
  /** Holds what a unit says, and no activity: never a button, in no list (SPEC F-6). */
  readonly act?: boolean;
  /** A standing schedule is confirmed day by day in `aired/<YYYYMMDD>` (F-3), where `when` is true. */
  readonly confirm?: {
    readonly schedule: string;
    readonly when: string;
    readonly register: string;
    /** The text with the times of day of every day, and the register with those of one (F-41); not from an older server. */
    readonly hours?: string;
    readonly at?: string;
  };
  /** What stands before the slash of fields by the day or by the figure. */
  readonly registers?: Readonly<
    Record<string, { readonly type: string; readonly label: Label; readonly unit?: Label }>
  >;
  /** Up to so many days from the day in `from`, unless `to` is set. */
  readonly life?: { readonly from: string; readonly to: string; readonly days: number };
  readonly photos: { readonly required: boolean; readonly max: number };
  /** PDF files (SPEC S-13); absent where it takes none, and in the catalogue of an older server. */
  readonly documents?: { readonly max: number };
  readonly figures: readonly Figure[];
  /** Not in a catalogue that an older server gave. */
  readonly checks?: readonly Check[];
}
