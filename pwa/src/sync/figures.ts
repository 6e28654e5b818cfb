// What a record adds to the figures of a report: computed for the eye, never written (SPEC W-5).
import type { Figure, Kind } from "./kind";
import { equal, type Value, type Values } from "./write";

const DAY_MS = 86_400_000;
const FIGURE_MAX = 1e9;

/** Milliseconds of an ISO day's start; NaN for what is no day (2021-02-30). */
export function dayStart(value: Value | undefined): number {
  const start = new Date(`${value}T00:00:00Z`);
  // The JSON of an invalid date is null.
  return start.toJSON()?.slice(0, 10) === value ? start.getTime() : Number.NaN;
}

/** Dates of a schedule, both ends counted; 0 where it ends before it begins. */
export function days(schedule: Values): number {
  const span = dayStart(schedule["to"]) - dayStart(schedule["from"]);
  return Math.max(0, Math.round(span / DAY_MS) + 1) || 0;
}

function term(path: string, values: Values): number {
  const [name = "", part] = path.split(".");
  let value: Value | undefined = values[name];
  if (part && value !== null && typeof value === "object")
    value = part === "days" ? days(value) : value[part];
  return typeof value === "number" ? usable(value) : 0;
}

/** SPEC D-8: below nothing or beyond any commune is a slip of the thumb, counted as nothing. */
function usable(amount: number): number {
  return amount >= 0 && amount <= FIGURE_MAX ? amount : 0;
}

export function contribution(figure: Figure, values: Values): number {
  const matches = Object.entries(figure.where ?? {}).every(([name, wanted]) => equal(values[name], wanted));
  return matches ? usable(figure.product.reduce((product, path) => product * term(path, values), 1)) : 0;
}

/** What one record adds to each figure its kind feeds. */
export function contributions(kind: Kind, values: Values): Record<string, number> {
  return Object.fromEntries(kind.figures.map((figure) => [figure.code, contribution(figure, values)]));
}
