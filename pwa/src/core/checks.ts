// What a record shows to be looked at, by itself and beside its neighbours (SPEC F-26 to F-29): the checks of its kind. They
// refuse nothing. The server runs the same vectors, and makes hints of what they find.
import { dayStart } from "./day";
import { matches } from "./figures";
import type { Check, Kind } from "./kind";
import {
  canonical,
  equal,
  KEPT_PREFIX,
  PHOTO_PREFIX,
  part,
  type Scalar,
  type Value,
  type Values,
} from "./record";
import { fold } from "./text";

/** A record as checks read it. */
export interface Entry {
  readonly id: string;
  readonly values: Values;
  /** Who wrote it. */
  readonly by: readonly string[];
  /** By field, the ISO day on which its value was said; under "" that of all other fields (F-27). */
  readonly said_on: Readonly<Record<string, string>>;
}

/** What records are compared with beside each other. */
export interface Around {
  readonly starts_on: string;
  readonly ends_on: string;
  /** By a photo's hash, the records that show it, each with the hash of the photo there. */
  readonly photos: Readonly<Record<string, readonly (readonly [string, string])[]>>;
}

/** What one check found in one record. */
export interface Finding {
  readonly record: string;
  readonly check: Check;
  /** The fields it is about, a part of one as `schedule/to`. */
  readonly keys: readonly string[];
  /** What its sentence names. */
  readonly detail: Readonly<Record<string, string | number>>;
  /** How many days, records or other values it is about. */
  readonly hits: number;
  readonly others: readonly string[];
}

type Finder = (check: Check, kind: Kind, entries: readonly Entry[], around: Around) => Finding[];

/** What the kind's checks find in these records of one unit; a check of a newer type finds nothing (F-26). */
export function look(kind: Kind, entries: readonly Entry[], around: Around): Finding[] {
  return (kind.checks ?? []).flatMap((check) => {
    const its = entries.filter(({ values }) => matches(check, values));
    return FINDERS[check.type]?.(check, kind, its, around) ?? [];
  });
}

/** The values that a finding is about, by its keys; without those that are null (F-28). */
export function saidOf({ keys }: Pick<Finding, "keys">, values: Values): Record<string, Scalar> {
  const said = keys.map((key) => [key, at(values, key)] as const);
  return Object.fromEntries(said.filter(([, value]) => value !== null));
}

/** Whether somebody kept these very values (F-28). */
export function isKept(finding: Finding, values: Values, sides: readonly Value[]): boolean {
  const said = Object.entries(saidOf(finding, values));
  return sides.some(
    (side) =>
      side !== null && typeof side === "object" && said.every(([key, value]) => equal(side[key], value)),
  );
}

/** Whether a value of a field `kept/<check>` is about the values that the record has now. */
export function stillSaid(side: Value, values: Values): boolean {
  const said = side !== null && typeof side === "object" ? Object.entries(side) : [];
  return said.length > 0 && said.every(([key, value]) => equal(value, at(values, key)));
}

/** The fields by which these values stay as they are: one for each check, of all that it found (F-28). */
export function keeping(findings: readonly Finding[], values: Values): Record<string, Value> {
  const kept: Record<string, Record<string, Scalar>> = {};
  for (const one of findings) {
    const field = KEPT_PREFIX + one.check.id;
    kept[field] = { ...kept[field], ...saidOf(one, values) };
  }
  return kept;
}

/** The value of a field or of a part of one; true for a field that has parts. */
function at(values: Values, key: string): Scalar {
  const value = values[key];
  if (value !== undefined) return value !== null && typeof value === "object" ? true : value;
  const [name = "", of = ""] = key.split("/");
  const held = part(values[name], of);
  return typeof held === "object" ? null : held;
}

function integer(values: Values, name: string): number | null {
  const value = values[name];
  return typeof value === "number" ? value : null;
}

type Day = readonly [key: string, day: string];

const isDay = (value: Value | undefined) => !Number.isNaN(dayStart(value));

/** The days that a field says, each with its key: one of a date, two of a schedule. */
function daysOf(values: Values, name: string): Day[] {
  const value = values[name] ?? null;
  const parts =
    value !== null && typeof value === "object"
      ? ["from", "to"].map((end) => [`${name}/${end}`, value[end] ?? null] as const)
      : [[name, value] as const];
  return parts.filter(([, day]) => isDay(day)).map(([key, day]) => [key, String(day)]);
}

function finding(
  record: string,
  check: Check,
  keys: readonly string[],
  detail: Finding["detail"],
  hits = 1,
  others: readonly string[] = [],
): Finding {
  return { record, check, keys, detail, hits, others: [...others].sort() };
}

/** One amount is no more than another. */
const atMost: Finder = (check, _kind, entries) => {
  const [name = "", other = ""] = check.fields ?? [];
  return entries.flatMap(({ id, values }) => {
    const [value, had] = [integer(values, name), integer(values, other)];
    if (value === null || had === null || value <= had) return [];
    return [finding(id, check, [name, other], { field: name, value, of: other, had })];
  });
};

/** An amount is within what its field usually has, `min` to `max`. */
const range: Finder = (check, kind, entries) =>
  entries.flatMap(({ id, values }) =>
    kind.fields.flatMap(({ name, type, min: least = 0, max: most }) => {
      const value = integer(values, name);
      if (type !== "integer" || value === null) return [];
      if (value >= least && (most === undefined || value <= most)) return [];
      return [finding(id, check, [name], { field: name, value, least, most: most ?? 0 })];
    }),
  );

const MOST = 1e9;

/**
 * An amount is like the unit's other ones of its field: the modified Z of Iglewicz and Hoaglin. Doubled, so that a median
 * between two amounts is whole, and each language computes the same.
 */
const outlier: Finder = (check, _kind, entries) =>
  (check.fields ?? []).flatMap((name) => {
    const amounts = entries.flatMap(({ id, values }) => {
      const value = integer(values, name);
      return value === null || value < 0 || value > MOST ? [] : [{ id, value }];
    });
    const { enough = 0, times = 0 } = check;
    if (amounts.length < enough) return [];
    const middle = doubledMedian(amounts.map(({ value }) => value));
    const away = amounts.map(({ value }) => Math.abs(2 * value - middle));
    const [usual, total] = [doubledMedian(away), away.reduce((sum, one) => sum + one, 0)];
    return amounts.flatMap(({ id, value }, nth) => {
      const far = away[nth] ?? 0;
      // Where more than half of the amounts are equal, the mean takes the place of the median.
      const beyond = usual ? 1.349 * far > times * usual : amounts.length * far > times * 1.2533 * total;
      const detail = { field: name, value, middle: Math.floor((middle + 1) / 2) };
      return beyond ? [finding(id, check, [name], detail, amounts.length - 1)] : [];
    });
  });

function doubledMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 ? 2 * upper : upper + (sorted[half - 1] ?? 0);
}

/** Days, and those on which photos were taken, lie within the campaign. */
const within: Finder = (check, _kind, entries, { starts_on: first, ends_on: last }) =>
  entries.flatMap(({ id, values }) => {
    const found = (check.fields ?? []).map((name) => [name, daysOf(values, name)] as const);
    return [...found, ["photos", takenDays(values)] as const].flatMap(([field, days]) => {
      const outside = days.filter(([, day]) => day < first || day > last);
      if (outside.length === 0) return [];
      const [keys, each] = [outside.map(([key]) => key), [...new Set(outside.map(([, day]) => day))].sort()];
      return [finding(id, check, keys, { field, day: each[0] ?? "", first, last }, each.length)];
    });
  });

const HANOI_MS = 7 * 3_600_000;
/** The year 2100: a phone's clock may say anything, also times that no calendar has. */
const LAST_MS = 4_102_444_800_000;

function takenDays(values: Values): Day[] {
  return Object.keys(values)
    .filter((name) => name.startsWith(PHOTO_PREFIX) && !part(values[name], "undated"))
    .sort()
    .flatMap((name): Day[] => {
      const time = part(values[name], "taken_at");
      if (typeof time !== "number" || time < 0 || time > LAST_MS) return [];
      return [[name, new Date(time + HANOI_MS).toISOString().slice(0, 10)]];
    });
}

/** A day had come when it was said. Of a register by the day, each day that says something. */
const ahead: Finder = (check, _kind, entries) =>
  entries.flatMap(({ id, values, said_on }) =>
    (check.fields ?? []).flatMap((name) => {
      const days = [...daysOf(values, name), ...byDay(values, name)];
      const of = (key: string) => said_on[key in values ? key : name] ?? said_on[""] ?? "";
      const first = days.find(([key, day]) => of(key) !== "" && day > of(key));
      if (!first) return [];
      const [key, day] = first;
      return [finding(id, check, [key], { field: name, day, on: of(key) })];
    }),
  );

/** The days of a register in which something is said, the last first. */
function byDay(values: Values, name: string): Day[] {
  return Object.keys(values)
    .filter((key) => key.startsWith(`${name}/`) && values[key])
    .map((key): Day => [key, key.slice(name.length + 1).replace(/^(\d{4})(\d\d)/, "$1-$2-")])
    .filter(([, day]) => isDay(day))
    .sort(([, a], [, b]) => (a < b ? 1 : -1));
}

/** It says where it is. */
const placeless: Finder = (check, _kind, entries) => {
  const fields = check.fields ?? [];
  const lacks = ({ values }: Entry) => part(values[fields[0] ?? ""], "lat_e6") === null;
  return entries.filter(lacks).map(({ id }) => finding(id, check, fields, {}));
};

/** No other record says the same in `fields` for a common day: of the same people, or `apart` of others. */
function same(apart: boolean): Finder {
  return (check, _kind, entries) => {
    const { fields = [], needs = [], day = "" } = check;
    const groups = new Map<string, { readonly entry: Entry; readonly days: readonly Day[] }[]>();
    for (const entry of entries) {
      const days = daysOf(entry.values, day);
      if (days.length === 0 || !needs.every((name) => typeof entry.values[name] === "string")) continue;
      const key = JSON.stringify(fields.map((name) => folded(entry.values[name])));
      groups.set(key, [...(groups.get(key) ?? []), { entry, days }]);
    }
    return [...groups.values()].flatMap((group) =>
      group.flatMap(({ entry, days }) => {
        const others = group.filter(
          (other) =>
            other.entry.id !== entry.id &&
            (days[0]?.[1] ?? "") <= (other.days.at(-1)?.[1] ?? "") &&
            (other.days[0]?.[1] ?? "") <= (days.at(-1)?.[1] ?? "") &&
            entry.by.some((name) => other.entry.by.includes(name)) !== apart,
        );
        const ids = others.map((other) => other.entry.id);
        const keys = [...fields, ...days.map(([key]) => key)];
        return ids.length > 0 ? [finding(entry.id, check, keys, {}, ids.length, ids)] : [];
      }),
    );
  };
}

function folded(value: Value | undefined): string {
  return typeof value === "string" ? fold(value) : canonical(value ?? null);
}

/** Each of its photos is shown by no other record. */
const photo: Finder = (check, _kind, entries, { photos }) =>
  entries.flatMap(({ id, values }) => {
    const shown = Object.keys(values)
      .filter((name) => name.startsWith(PHOTO_PREFIX))
      .map((name) => {
        const homes = photos[String(part(values[name], "sha256"))] ?? [];
        return { name, others: homes.map(([other]) => other).filter((other) => other !== id) };
      })
      .filter(({ others }) => others.length > 0);
    const others = new Set(shown.flatMap((one) => one.others));
    const keys = shown.map(({ name }) => name).sort();
    return others.size > 0 ? [finding(id, check, keys, {}, others.size, [...others])] : [];
  });

const FINDERS: Readonly<Record<string, Finder>> = {
  at_most: atMost,
  range,
  outlier,
  window: within,
  ahead,
  no_place: placeless,
  repeated: same(false),
  repeated_by_others: same(true),
  photo,
};
