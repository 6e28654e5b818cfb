// What a record adds to the figures of a report: computed for the eye, never written (SPEC W-5, F-4, F-5, F-17).
import { DAY_MS, dayStart } from "./day";
import type { Figure, Kind } from "./kind";
import { fold } from "./text";
import { equal, type Value, type Values } from "./write";

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
