// The time as the server would tell it, as far as this phone knows. A phone's clock may be wrong, and may be set while nobody
// looks: it is never believed to be before the server's last answer, and of two times that are possible the earlier one is
// taken, as one that is not sure. Days are those of Viet Nam, which has kept UTC+7 without summer time since 1975.
const HANOI_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
/** Clocks that are set by hand or wander differ by so much, and nothing hangs on it. */
const SLACK_MS = 5 * 60_000;

/** Server clock minus phone clock at the last answer, and that answer's server time. */
let offset = 0;
let latest = 0;
/** The page's own count at that answer, if this page got it: nobody can set it. It stands still while a phone sleeps. */
let counted: number | undefined;

/** The server has just said its time. Returns how far it is ahead of this phone's. */
export function hearTime(server_time: number): number {
  [offset, latest, counted] = [server_time - Date.now(), server_time, performance.now()];
  return offset;
}

/** What an earlier page knew. */
export function recallTime(offset_ms = 0, server_time = 0): void {
  if (server_time > latest) [offset, latest, counted] = [offset_ms, server_time, undefined];
}

function read(): { readonly time: number; readonly sure: boolean } {
  const raw = Date.now();
  const corrected = raw + offset;
  const least = latest + (counted === undefined ? 0 : performance.now() - counted);
  // Since that answer the clock has run as the page counts.
  if (counted !== undefined && Math.abs(corrected - least) < SLACK_MS)
    return { time: Math.max(corrected, latest), sure: true };
  // A clock that was far off may have been put right: the offset is then one too much.
  const all = Math.abs(offset) < SLACK_MS ? [corrected] : [corrected, raw];
  const possible = all.filter((time) => time > least - SLACK_MS);
  const time = possible.length > 0 ? Math.min(...possible) : least;
  return { time: Math.max(time, latest), sure: possible.length === 1 };
}

export function now(): number {
  return read().time;
}

/** Whether `now` is known: what is noted by it may else be of another day (SPEC P-20). */
export function isTimeSure(): boolean {
  return read().sure;
}

/** How far this phone's own clock is behind, in ms; undefined while that is not sure. */
export function clockBehind(): number | undefined {
  const { time, sure } = read();
  return sure ? time - Date.now() : undefined;
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

/** The moment at which a clock in Viet Nam shows this (`2021-07-30T14:05:00`); NaN for what is no time. */
export function momentOf(shown: string): number {
  return Date.parse(`${shown}Z`) - HANOI_MS;
}

/** Whole days left before the start of an ISO day (exclusive due date): on the day before it, 1. */
export function daysBefore(day: string): number {
  return Math.round((Date.parse(day) - Date.parse(today())) / DAY_MS);
}
