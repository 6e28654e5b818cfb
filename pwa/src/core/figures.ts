// What a record adds to the figures of a report: computed for the eye, never written (SPEC W-5, F-4, F-5, F-17).
import { addDays, DAY_MS, dayStart } from "./day";
import type { Drawn } from "./draft";
import type { Figure, Kind } from "./kind";
import { equal, part, type Value, type Values } from "./record";
import { fold } from "./text";

const FIGURE_MAX = 1e9;

/** Dates of a schedule, both ends counted; 0 where it ends before it begins. */
export function days(schedule: Values): number {
  const span = dayStart(schedule["to"]) - dayStart(schedule["from"]);
  return Math.max(0, Math.round(span / DAY_MS) + 1) || 0;
}

function term(path: string, values: Values): number {
  const [name = "", part] = path.split(".");
  if (part === "*") {
    const days = Object.keys(values).filter((each) => each.startsWith(`${name}/`));
    return usable(days.reduce((sum, day) => sum + term(day, values), 0));
  }
  let value: Value | undefined = values[name];
  if (part && value !== null && typeof value === "object")
    value = part === "days" ? days(value) : value[part];
  return typeof value === "number" ? usable(value) : 0;
}

/** SPEC F-17: the first of these fields that holds a value, times its factor. */
function firstOf(fields: Readonly<Record<string, number>>, values: Values): number {
  const path = filled(fields, values);
  return path === undefined ? 0 : term(path, values) * (fields[path] ?? 0);
}

function filled(fields: Readonly<Record<string, number>>, values: Values): string | undefined {
  return Object.keys(fields).find(
    (path) => path.endsWith(".*") || (values[path.split(".")[0] ?? ""] ?? null) !== null,
  );
}

/** What is multiplied; in the catalogue of an older server each term is one field. */
export function termsOf({ terms, product = [] }: Figure): readonly Readonly<Record<string, number>>[] {
  return terms ?? product.map((path) => ({ [path]: 1 }));
}

/** SPEC D-8: below nothing or beyond any commune is a slip of the thumb, counted as nothing. */
export function usable(digits: number, scale = 0): number {
  return digits >= 0 && digits <= FIGURE_MAX * 10 ** scale ? digits : 0;
}

/** F-11. */
export function matches({ where = {} }: Pick<Figure, "where">, values: Values): boolean {
  return Object.entries(where).every(([name, wanted]) =>
    [wanted].flat().some((one) => equal(values[name], one as Value)),
  );
}

/** What a figure that counts different values counts a record as; "" for none. */
export function keyOf(figure: Figure, values: Values): string {
  const texts = figure.distinct?.map((name) => values[name]) ?? [];
  const first = texts.find((text) => typeof text === "string" && text);
  return first && matches(figure, values) ? fold(String(first)) : "";
}

/** As digits at the figure's scale. */
export function contribution(figure: Figure, values: Values): number {
  if (!matches(figure, values)) return 0;
  if (figure.distinct) return keyOf(figure, values) ? 1 : 0;
  const product = termsOf(figure).reduce((product, fields) => product * firstOf(fields, values), 1);
  return usable(product, figure.scale);
}

/** F-33: the figures that one record says something of, if only that it is 0. */
export function reportedBy(kind: Kind, values: Values): Set<string> {
  const found = kind.figures.filter(
    (figure) =>
      matches(asked(figure), values) &&
      (figure.distinct
        ? keyOf(figure, values)
        : termsOf(figure).every((fields) => isGiven(filled(fields, values), values))),
  );
  return new Set(found.map(({ code }) => code));
}

/** `where`; an entry that counts records takes "no" for an answer, too: then it says 0. */
function asked(figure: Figure): Figure {
  if (figure.distinct || termsOf(figure).length) return figure;
  const answers = Object.entries(figure.where ?? {}).map(([name, wanted]) => [
    name,
    wanted === true ? [true, false] : wanted,
  ]);
  return { ...figure, where: Object.fromEntries(answers) };
}

/** The term holds an amount that counts; absent, or a slip of the thumb (D-8), it says nothing. */
function isGiven(path: string | undefined, values: Values): boolean {
  if (path === undefined) return false;
  const [name = "", part] = path.split(".");
  if (part === "*")
    return Object.keys(values).some((each) => each.startsWith(`${name}/`) && isGiven(each, values));
  let value: Value | undefined = values[name];
  if (part) {
    if (value === null || typeof value !== "object") return false;
    value = part === "days" ? days(value) || null : (value[part] as Value | undefined);
  }
  return typeof value === "number" && usable(value) === value;
}

/** The three answers (F-34, F-35): an amount, which may be 0; nothing to report; not reported, which is no 0. */
export type Answer = "amount" | "nil" | "unreported";

export interface Known {
  /** A record says something of the figure. */
  readonly reported: boolean;
  /** Of these units, how many said that there is nothing. */
  readonly nil: number;
  readonly units: number;
  /** Nothing counts or waits. */
  readonly empty: boolean;
}

export function answer({ reported, nil, units, empty }: Known): Answer {
  if (empty && units > 0 && nil >= units) return "nil";
  return reported ? "amount" : "unreported";
}

// What records and acts add to the figures: one value for every surface that shows an amount (SPEC F-30 to F-32).

type Counts = Readonly<Record<string, number>>;

/** Added and subtracted record by record, so an act is what it counts minus what was counted before. */
export interface Contribution {
  /** By figure, as digits at its scale. */
  readonly amounts: Counts;
  /** Of figures that count different values: how many records have each. */
  readonly values: Readonly<Record<string, Counts>>;
}

const NOTHING: Contribution = { amounts: {}, values: {} };

/** Of one record; the entries of one figure add up (F-4, F-5). */
export function contributionOf(kind: Kind, values: Values): Contribution {
  let amounts: Counts = {};
  const found: Record<string, Counts> = {};
  for (const figure of kind.figures) {
    amounts = joined(amounts, { [figure.code]: contribution(figure, values) }, 1);
    const key = keyOf(figure, values);
    if (key) found[figure.code] = { [key]: 1 };
  }
  return { amounts, values: found };
}

/** Both together; with -1 the first one without the other. */
export function combined(one: Contribution, other: Contribution, sign: 1 | -1 = 1): Contribution {
  const values = { ...one.values };
  for (const [code, counts] of Object.entries(other.values))
    values[code] = joined(values[code] ?? {}, counts, sign);
  return { amounts: joined(one.amounts, other.amounts, sign), values };
}

/** The amount of each figure; different values count once each. */
export function figuresOf({ amounts, values }: Contribution): Counts {
  const different = Object.entries(values).map(([code, counts]) => [
    code,
    Object.values(counts).filter((records) => records > 0).length,
  ]);
  return { ...amounts, ...Object.fromEntries(different) };
}

/** What it adds to figures that count `counted` already: the figures that differ (F-31). */
export function addedTo(counted: Contribution, change: Contribution): Counts {
  const before = figuresOf(counted);
  const after = Object.entries(figuresOf(combined(counted, change)));
  const changed = after.map(([code, amount]) => [code, amount - (before[code] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, amount]) => amount !== 0));
}

/** What each part adds to those before it, so that the shares add up to all together (F-32). */
export function sharesOf(parts: readonly Contribution[]): Counts[] {
  let before = NOTHING;
  return parts.map((part) => {
    const share = addedTo(before, part);
    before = combined(before, part);
    return share;
  });
}

function joined(one: Counts, other: Counts, sign: 1 | -1): Counts {
  const sums = { ...one };
  for (const [name, amount] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + sign * amount;
  return sums;
}

// What a schedule plans and what was confirmed of it day by day (SPEC F-20 to F-23; sync/airings.py is the server's side).
// What counts comes from the part above alone: here is what is shown beside it, asked for and written.

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

/** The register with the time of day of each airing of one day (F-41). */
export function atOf({ at }: Confirm, day: string): string | undefined {
  return at && `${at}/${day.replaceAll("-", "")}`;
}

const MARK = "(?::|giờ|[hg](?![a-zà-ỹ]))";
/** The one of sync/airings.py. A number behind a blank is the minutes, unless it is itself a time: `5h 17h` are two. */
const CLOCK = new RegExp(
  `(?:^|[^0-9:])([01]?[0-9]|2[0-3])\\s*${MARK}(?:([0-5][0-9])(?![hg])|\\s+([0-5][0-9])(?!\\s*${MARK}))?(?![0-9])`,
  "g",
);

/** F-41: the times of day that a text names, in order, once each. */
export function clocks(text: Value | undefined): string[] {
  if (typeof text !== "string") return [];
  const found = [...text.toLowerCase().matchAll(CLOCK)];
  const all = found.map(
    ([, hour = "", minute, later]) => `${hour.padStart(2, "0")}:${minute ?? later ?? "00"}`,
  );
  return [...new Set(all)].sort();
}

/** F-41: the time of day of each airing of a day; none where they are not known. */
export function hoursOn(confirm: Confirm, values: Values, day: string): string[] {
  const { at, hours, schedule, when } = confirm;
  if (!at) return [];
  const done = values[when] === true ? values[registerOf(confirm, day)] : timesOf(values[schedule]);
  for (const name of [atOf(confirm, day), hours]) {
    const found = clocks(values[name ?? ""]);
    if (found.length > 0 && found.length === done) return found;
  }
  return [];
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

/** Of the days of a schedule so far, the Monday of each week, the last one first: so many are offered for a page of the log (P-29). */
const WEEKS = 12;

export function weeksSoFar(schedule: Value | undefined, until: string): string[] {
  const mondays = daysSoFar(schedule, until).map((day) => {
    const since = (new Date(dayStart(day)).getUTCDay() + 6) % 7;
    return addDays(day, -since) ?? day;
  });
  return [...new Set(mondays)].reverse().slice(0, WEEKS);
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
