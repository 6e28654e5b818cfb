// What a schedule plans and what was confirmed of it day by day (SPEC F-20 to F-23; sync/airings.py is the server's side).
// What counts comes from core/figures.ts alone: here is what is shown beside it, asked for and written.

import { type Contribution, contributionOf } from "./contribution";
import { addDays, DAY_MS, dayStart } from "./day";
import type { Drawn } from "./draft";
import { days, termsOf, usable } from "./figures";
import type { Kind } from "./kind";
import { part, type Value, type Values } from "./write";

type Confirm = NonNullable<Kind["confirm"]>;

/** A schedule without end is a slip of the thumb. */
const DAYS_MOST = 400;

/** The days of a schedule that have come, `until` the last of them. */
export function daysSoFar(schedule: Value | undefined, until: string): string[] {
  const to = String(part(schedule, "to") ?? "");
  const last = to < until ? to : until;
  const found: string[] = [];
  let day = addDays(part(schedule, "from"), 0);
  while (day && day <= last && found.length < DAYS_MOST) {
    found.push(day);
    day = addDays(day, 1);
  }
  return found;
}

/** F-23: the days that a form asks for. Today is one only if the schedule ends with it: it may still be aired. */
export function daysToAsk(schedule: Value | undefined, today: string): string[] {
  return daysSoFar(schedule, today).filter((day) => day < today || part(schedule, "to") === today);
}

/** The register in which a day is confirmed. */
export function registerOf({ register }: Confirm, day: string): string {
  return `${register}/${day.replaceAll("-", "")}`;
}

export function timesOf(schedule: Value | undefined): number {
  const times = part(schedule, "times_a_day");
  return typeof times === "number" ? usable(times) : 0;
}

export interface Progress {
  /** F-20: only confirmed days count; else each airing that was planned. */
  readonly byDay: boolean;
  readonly planned: number;
  readonly done: number;
  /** Days that have come and that nobody confirmed: none of them counts. */
  readonly open: readonly string[];
  /** The airings planned for those. */
  readonly unconfirmed: number;
}

/** F-21: what became of a record's schedule up to a day; null for a record that has none. */
export function progressOf(kind: Kind | undefined, values: Values, until: string): Progress | null {
  const confirm = kind?.confirm;
  const schedule = confirm && values[confirm.schedule];
  if (!confirm || schedule === null || typeof schedule !== "object") return null;
  const times = timesOf(schedule);
  const planned = usable(days(schedule) * times);
  if (values[confirm.when] !== true)
    return { byDay: false, planned, done: planned, open: [], unconfirmed: 0 };
  const said = Object.entries(values).filter(([name]) => name.startsWith(`${confirm.register}/`));
  const done = said.reduce((sum, [, n]) => sum + (typeof n === "number" ? usable(n) : 0), 0);
  const open = daysSoFar(schedule, until).filter(
    (day) => typeof values[registerOf(confirm, day)] !== "number",
  );
  return { byDay: true, planned, done: usable(done), open, unconfirmed: usable(open.length * times) };
}

/** F-21: what a record's figures come to if each day of its schedule is aired as planned. */
export function plannedAmounts(kind: Kind, values: Values): Contribution["amounts"] {
  const { confirm } = kind;
  if (!confirm) return {};
  const ofDays = `${confirm.register}.*`;
  const codes = kind.figures
    .filter((figure) => termsOf(figure).some((fields) => ofDays in fields))
    .map(({ code }) => code);
  // Without the marker, each day of the schedule counts.
  const { amounts } = contributionOf(kind, { ...values, [confirm.when]: null });
  return Object.fromEntries(codes.map((code) => [code, amounts[code] ?? 0]));
}

interface Marked {
  readonly id: string;
  readonly record: string;
  readonly replaces?: string;
  readonly now: Values;
}

/** F-20: what a new record says of how it counts. A record that is there, or is made in another's stead, keeps its rule. */
export function withMarker(kind: Kind, draft: Marked): Values {
  const isNew = draft.record === draft.id && !draft.replaces;
  return kind.confirm && isNew ? { ...draft.now, [kind.confirm.when]: true } : draft.now;
}

/** F-22: the last day after today that these fields confirm, and its field. */
export function dayToCome(
  kind: Kind | undefined,
  set: Values,
  today: string,
): { readonly field: string; readonly ahead: number } | null {
  const late = Object.entries(set).flatMap(([field, value]) => {
    const [register = "", key = ""] = field.split("/");
    if (value === null || kind?.registers?.[register]?.type !== "times") return [];
    const day = key.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
    return [{ field, ahead: Math.round((dayStart(day) - dayStart(today)) / DAY_MS) }];
  });
  const [last] = late.filter(({ ahead }) => ahead > 0).sort((a, b) => b.ahead - a.ahead);
  return last ?? null;
}

/** The registers that confirm these days with as many airings as the schedule plans for each. */
export function allAired(confirm: Confirm, schedule: Value | undefined, all: readonly string[]): Values {
  return Object.fromEntries(all.map((day) => [registerOf(confirm, day), timesOf(schedule)]));
}

/**
 * What follows for the days that one tap said were aired as planned when the schedule changes: they are so by the new plan. A
 * schedule that is half typed plans nothing yet. What was said of a day by itself stays as it is.
 */
export function reschedule(asPlanned: readonly string[], schedule: Value | undefined): Values {
  const times = isWhole(schedule) ? timesOf(schedule) : 0;
  return times > 0 ? Object.fromEntries(asPlanned.map((name) => [name, times])) : {};
}

function isWhole(schedule: Value | undefined): boolean {
  return !["from", "to"].some((name) => Number.isNaN(dayStart(part(schedule, name))));
}

/**
 * F-23: what a form says when it is saved. An answer about a day that its schedule does not ask for is none; until then it is kept,
 * for a day that is being typed anew passes by others. Days confirmed before the form was opened are none of its answers.
 */
export function toSay(kind: Kind, draft: Marked & { readonly drawn: Drawn }, today: string): Values {
  const now = withMarker(kind, draft);
  const { confirm } = kind;
  const schedule = confirm && now[confirm.schedule];
  if (!(confirm && isWhole(schedule))) return now;
  // Made in another's stead, it says the days that were confirmed on that one's page, too.
  const days = draft.replaces ? daysSoFar(schedule, today) : daysToAsk(schedule, today);
  const asked = new Set(days.map((day) => registerOf(confirm, day)));
  const drops = (name: string) =>
    name.startsWith(`${confirm.register}/`) &&
    !asked.has(name) &&
    (draft.drawn.values[name] ?? null) === null;
  return Object.fromEntries(Object.entries(now).filter(([name]) => !drops(name)));
}
