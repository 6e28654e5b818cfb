// What a phone holds of a record: the survivors it pulled, with its own writes laid over them.
// Laying is a function of the *set* of own writes, so neither their order nor a repeat changes what is shown.
import { byRank, type Fields, type Side, sideOf } from "./record";
import type { Value, Write } from "./write";

/** */
export interface ListedWrite {
  readonly id: string;
  readonly at: number;
  readonly by: string;
  readonly set: Readonly<Record<string, Value>>;
  readonly seen?: readonly string[];
}

/** The part of X-7 that speaks of fields. */
export interface FieldsChange {
  readonly whole: boolean;
  readonly writes: readonly ListedWrite[];
  readonly keep?: Readonly<Record<string, readonly string[]>>;
}

/** survivors of a touched field are the listed writes that set it, and those held ones that `keep` names. */
export function applyChange(held: Fields, change: FieldsChange): Fields {
  const keep = change.keep ?? {};
  const touched = new Set(change.writes.flatMap((write) => Object.keys(write.set)).concat(Object.keys(keep)));
  const next: Record<string, readonly Side[]> = change.whole ? {} : { ...held };
  for (const field of touched) {
    const listed = change.writes.filter((write) => field in write.set);
    const ids = new Set(listed.map((write) => write.id));
    const kept = (held[field] ?? []).filter((side) => keep[field]?.includes(side.id) && !ids.has(side.id));
    const now = [...kept, ...listed.map((write) => sideOf({ ...write, record: "" }, field, write.by))];
    if (now.length > 0) next[field] = now.sort(byRank);
    else delete next[field];
  }
  return next;
}

/** S-1 for own writes over survivors: each takes away what it has seen and adds itself. */
export function lay(base: Fields, own: readonly Write[], by: string): Fields {
  const next: Record<string, readonly Side[]> = { ...base };
  for (const field of new Set(own.flatMap((write) => Object.keys(write.set)))) {
    const setters = own.filter((write) => field in write.set);
    const ids = new Set(setters.map((write) => write.id));
    const seen = new Set(setters.flatMap((write) => (write.seen ?? []).filter((id) => id !== write.id)));
    const pulled = (base[field] ?? []).filter((side) => !ids.has(side.id));
    const now = [...pulled, ...setters.map((write) => sideOf(write, field, by))];
    next[field] = now.filter((side) => !seen.has(side.id)).sort(byRank);
  }
  return next;
}
