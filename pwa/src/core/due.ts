// What the home screen asks about a record, by its kind: whether the airings of a day were made (until each day of the
// schedule has an answer), and whether it was taken down (from the day its time is up). A hint, never a block.
import { dayStart } from "./figures";
import type { Kind } from "./kind";
import { values } from "./record";
import type { View } from "./view";
import { part, type Value } from "./write";

export type Due = readonly ["confirm" | "life", string];

const DAY_MS = 86_400_000;

/** One of both: no kind that has a schedule hangs anywhere. */
export function dueOf(kind: Kind | undefined, { fields, hidden }: View): Due | null {
  if (hidden) return null;
  const { confirm, life } = kind ?? {};
  const held = values(fields);
  if (confirm && held[confirm.when] === true) {
    const open = daysSoFar(held[confirm.schedule], "9").filter(
      (day) => held[registerOf(confirm, day)] === undefined,
    );
    return open[0] ? ["confirm", open[0]] : null;
  }
  const from = life && addDays(held[life.from], life.days);
  const ended = life && fields[life.to]?.some((side) => side.value !== null);
  return from && !ended ? ["life", from] : null;
}

/** The ISO day so many days later; null for what is no day. */
export function addDays(day: Value | undefined, more: number): string | null {
  return new Date(dayStart(day) + more * DAY_MS).toJSON()?.slice(0, 10) ?? null;
}

/** The days of a schedule that have come, `until` the last of them. */
export function daysSoFar(schedule: Value | undefined, until: string): string[] {
  const to = String(part(schedule, "to") ?? "");
  const last = to < until ? to : until;
  const days: string[] = [];
  let day = addDays(part(schedule, "from"), 0);
  while (day && day <= last && days.length < DAYS_MOST) {
    days.push(day);
    day = addDays(day, 1);
  }
  return days;
}

/** A schedule without end is a slip of the thumb. */
const DAYS_MOST = 400;

/** The register in which a day is confirmed. */
export function registerOf({ register }: NonNullable<Kind["confirm"]>, day: string): string {
  return `${register}/${day.replaceAll("-", "")}`;
}
