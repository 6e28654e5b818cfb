// A PIN guards reading: while an officer's screens are locked the phone goes on sending, and nothing of the data hangs
// on the PIN. They are locked when the app starts and when nobody has looked at it for some minutes.
import { changed } from "../platform/changed";
import type { Session } from "./officer";

const AWAY_MS = 3 * 60_000;
let open: string | undefined;
let left = 0;

export function isLocked({ officer, pin }: Session): boolean {
  return pin !== undefined && officer !== open;
}

export function unlock(officer: string): void {
  open = officer;
  changed();
}

/** Somebody turned to the app, or away from it. */
export function noteHidden(hidden: boolean): void {
  if (hidden) left = Date.now();
  else if (Date.now() - left > AWAY_MS) {
    open = undefined;
    changed();
  }
}

/** Whether a PIN is asked for before anything is shown. Where several share a phone each has one, or it is chosen now. */
export function guarded(all: readonly Session[]): boolean {
  return all.slice(0, 1).some(isLocked) || withoutPin(all) !== undefined;
}

/**
 * Whose PIN is to be chosen: whoever had the phone before comes first, for others have it now. Who has just come to it by a code
 * chooses theirs when it is opened next, or handed on: one PIN at once.
 */
export function withoutPin(all: readonly Session[]): Session | undefined {
  if (all.length < 2) return undefined;
  return all.filter(({ officer, pin }, nth) => !pin && (nth > 0 || officer !== open)).at(-1);
}
