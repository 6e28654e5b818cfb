// What a form writes: only what the person changed (SPEC W-5), having seen what was drawn and nothing else (W-6).
// A value that a pull brings while the form is open is not in `drawn`, so saving leaves it standing as a side.
import type { Kind } from "./kind";
import { equal, type Fields, hidden, namesFile, submitted, type Value, type Values, values } from "./record";

/** A form as it was drawn. It travels with the draft; only drawing the form anew makes another. */
export interface Drawn {
  readonly values: Values;
  readonly seen: Readonly<Record<string, readonly string[]>>;
  readonly hidden: boolean;
  readonly submitted: boolean;
  /**
   * Of a form that goes on over the record that stands for the drawn one (F-42): fields of which that one says something else. A
   * write that sets one of them has seen nothing, for its `seen` speaks of all its fields.
   */
  readonly apart?: readonly string[];
}

export const NOTHING: Drawn = { values: {}, seen: {}, hidden: false, submitted: false };

export function draw(fields: Fields): Drawn {
  const seen = Object.entries(fields).map(([field, alive]) => [field, alive.map((side) => side.id)]);
  return {
    values: values(fields),
    seen: Object.fromEntries(seen),
    hidden: hidden(fields),
    submitted: submitted(fields),
  };
}

export interface Written {
  readonly set: Values;
  readonly seen: readonly string[];
}

/**
 * The write of a form, or null when nothing was changed. `carried` are fields of refused writes: the server holds
 * none of them, so the correction says them again, and names the refused ids because they were drawn (W-4).
 */
export function written(drawn: Drawn, now: Values, carried: readonly string[] = []): Written | null {
  const set: Record<string, Value> = {};
  for (const field of new Set([...Object.keys(drawn.values), ...Object.keys(now), ...carried])) {
    const changed = !equal(drawn.values[field], now[field]);
    if (changed || carried.includes(field)) set[field] = now[field] ?? null;
  }
  if (Object.keys(set).length === 0) return null;
  // S-8: who edits a hidden record has seen the delete and takes it back. Saving is sending (S-9).
  if (drawn.hidden) set["deleted"] = null;
  if (!drawn.submitted) set["submitted"] = true;
  const names = Object.keys(set);
  const apart = names.some((field) => drawn.apart?.includes(field));
  const seen = apart ? [] : names.flatMap((field) => drawn.seen[field] ?? []);
  return { set, seen: [...new Set(seen)].sort() };
}

/** A new record's form that holds no photo and no PDF: of it, each of several photos may be a record. */
export function isBare(draft: {
  readonly id: string;
  readonly record: string;
  readonly replaces?: string;
  readonly now: Values;
}): boolean {
  const files = Object.entries(draft.now).filter(([name, value]) => value && namesFile(name));
  return draft.record === draft.id && !draft.replaces && files.length === 0;
}

/**
 * What holds for the next record of a kind as for this one: the slogan, the village, the number; not where it is, what
 * was noted of it, or what has yet to happen to it. Nor an answer that a person gave for this one, or that an app before this
 * began with (SPEC F-25): a file gives its own anew (`withAnswers`).
 */
export function lasting(kind: Kind, now: Values): Values {
  const own = kind.fields.filter(
    ({ type, multiline, retired, said_by, default: usual }) =>
      type === "place" || multiline || retired || said_by || (type === "date" && usual === undefined),
  );
  const fields = kind.fields.filter((field) => !own.includes(field));
  const entries = fields.map(({ name }) => [name, now[name] ?? null] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}
