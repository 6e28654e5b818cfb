// Late: three separate facts about when a write came, each derived and never stored (SPEC L-1, L-13). Positions and the
// server's own times decide, never this phone's clock.

const LATE_MARKS = ["after_seal", "after_end", "after_due"] as const;
export type LateMark = (typeof LATE_MARKS)[number];

/** What a write is compared with: positions of seal and end, the due moment in ms; null or nothing = no such line. */
export interface Lines {
  readonly sealed?: number | null | undefined;
  readonly closed?: number | null | undefined;
  readonly due?: number | null | undefined;
}

/** The marks of a write at this position that the server first received at this moment (ms). */
export function lateMarks(
  position: number,
  received: number,
  { sealed, closed, due }: Lines = {},
): LateMark[] {
  const [none, never] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const found = [position > (sealed ?? none), position > (closed ?? none), received >= (due ?? never)];
  return LATE_MARKS.filter((_, nth) => found[nth]);
}

/** A campaign's due dates: the first day that is too late, and the earlier ones of some levels of units. */
export interface DueDates {
  readonly due_before: string | null;
  /** Not in a catalogue that an older server gave. */
  readonly due_levels?: Readonly<Record<string, string>>;
}

/** The ISO day before which a unit of this level has to report; null where there is none. */
export function dueDay(campaign: DueDates | undefined, level: string | undefined): string | null {
  return campaign?.due_levels?.[level ?? ""] ?? campaign?.due_before ?? null;
}

/** What tells how near a campaign is; its days are not in a catalogue that an older server gave. */
export interface Near extends DueDates {
  readonly starts_on?: string;
  readonly ends_on?: string;
}

/** The campaign whose window or due date is nearest on this ISO day: never one that has ended before one that has not. */
export function nearest<C extends Near>(campaigns: readonly C[], day: string): C | undefined {
  const days = (to: string | null | undefined) =>
    Math.round((Date.parse(to ?? day) - Date.parse(day)) / 86_400_000);
  const far = (one: C) => {
    const due = [one.due_before, ...Object.values(one.due_levels ?? {})].map(days);
    const last = Math.max(...due);
    if (last <= 0 && day > (one.ends_on ?? "")) return 1e6 - last;
    const begins = days(one.starts_on);
    return begins > 0 ? 1e5 + begins : Math.min(...due.filter((each) => each > 0), last > 0 ? last : 1e4);
  };
  return campaigns.reduce<C | undefined>(
    (best, one) => (best && far(best) <= far(one) ? best : one),
    undefined,
  );
}

/** The start of that day in Việt Nam, in ms; null where there is none. */
export function dueMoment(day: string | null): number | null {
  return day ? Date.parse(`${day}T00:00:00+07:00`) : null;
}
