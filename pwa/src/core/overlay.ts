// What a phone holds of a record: the survivors it pulled, with its own writes laid over them.
// Laying is a function of the *set* of own writes, so neither their order nor a repeat changes what is shown.
import { byRank, type Fields, type Side, sideOf } from "./record";
import type { ListedWrite, Write } from "./write";

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
