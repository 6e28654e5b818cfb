// How long to leave the server alone: of itself after a failure, ever longer, and no phone of thousands at once; as the
// server says in `Retry-After` (RFC 9110, 10.2.3) when it is busy (503) or when this phone sent too much (429).

const FIRST_MS = 5_000;
const LONGEST_MS = 10 * 60_000;
/** With nothing wrong: the app, while it is open, pulls this often. */
const IDLE_MS = 2 * 60_000;

/** `chance` in [0, 1) spreads phones over the second half of the wait. */
export function waitMs(failures: number, chance: number): number {
  const whole = failures === 0 ? IDLE_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(whole * (0.5 + chance / 2));
}

const LEAST_MS = 1_000;
/** As long as the longest back-off (`LONGEST_MS`): no header keeps a phone away for a day. */
const MOST_MS = 10 * 60_000;

/** Milliseconds from a header of seconds or of a date, which is read by the server's own clock (`date`); undefined: none. */
export function retryAfter(header: string | null, date: string | null): number | undefined {
  if (!header) return;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds)
    ? Date.parse(header) - (date ? Date.parse(date) : Date.now())
    : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.min(MOST_MS, Math.max(LEAST_MS, ms));
}

/** Whom the server asked to wait, by what they are called, and until when. */
export class Rests {
  private readonly until = new Map<string, number>();

  /** `chance` in [0, 1) spreads phones that got the same answer. */
  begin(who: string, ms: number, now: number, chance: number): void {
    this.until.set(who, now + Math.round(ms * (1 + chance / 2)));
  }

  /** What is left of it. */
  left(who: string, now: number): number {
    return Math.max(0, (this.until.get(who) ?? 0) - now);
  }
}
