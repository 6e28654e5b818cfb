// Days: ISO ones reckoned with, and as people type them (SPEC V-6). The server runs the same vectors.

import type { Value } from "./record";
import { normal } from "./text";

export const DAY_MS = 86_400_000;

/** Milliseconds of an ISO day's start; NaN for what is no day (2021-02-30). */
export function dayStart(value: Value | undefined): number {
  const start = new Date(`${value}T00:00:00Z`);
  // The JSON of an invalid date is null.
  return start.toJSON()?.slice(0, 10) === value ? start.getTime() : Number.NaN;
}

/** The ISO day so many days later; null for what is no day. */
export function addDays(day: Value | undefined, more: number): string | null {
  return new Date(dayStart(day) + more * DAY_MS).toJSON()?.slice(0, 10) ?? null;
}

const ISO = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$/;
const TYPED = /^([0-9]{1,2}) ?[-/. ] ?([0-9]{1,2})(?: ?[-/. ] ?([0-9]{4}|[0-9]{2}))?$/;
const DIGITS = /^([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})?$/;

/** In ISO form; "" for a text that is no day. Without a year it is one of `thisYear`. */
export function readDay(text: string, thisYear: string): string {
  const typed = normal(text);
  const iso = ISO.exec(typed)?.slice(1).reverse();
  const [day = "", month = "", year = thisYear] =
    iso ?? (TYPED.exec(typed) ?? DIGITS.exec(typed))?.slice(1) ?? [];
  const found = [year.length === 2 ? `20${year}` : year, month.padStart(2, "0"), day.padStart(2, "0")].join(
    "-",
  );
  return Number.isNaN(dayStart(found)) || year === "0000" ? "" : found;
}
