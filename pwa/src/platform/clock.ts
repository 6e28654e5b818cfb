// The time as the server would tell it, as far as this phone knows (its last answer says how far its clock is off).
// Days are those of Viet Nam, which has kept UTC+7 without summer time since 1975.
const HANOI_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

let offset = 0;

export function setOffset(offset_ms: number): void {
  offset = offset_ms;
}

export function now(): number {
  return Date.now() + offset;
}

/** The ISO day in Viet Nam at a moment. */
export function dayOf(time_ms: number): string {
  return isoOf(time_ms).slice(0, 10);
}

/** `2021-07-30T14:05:00.000Z`, read off a clock in Viet Nam. */
export function isoOf(time_ms: number): string {
  return new Date(time_ms + HANOI_MS).toISOString();
}

export function today(): string {
  return dayOf(now());
}

/** Whole days left before the start of an ISO day (exclusive due date): on the day before it, 1. */
export function daysBefore(day: string): number {
  return Math.round((Date.parse(day) - Date.parse(today())) / DAY_MS);
}
