// When to try again: at once no phone of thousands, all of them ever later while the hub does not answer.
const FIRST_MS = 5_000;
const LONGEST_MS = 10 * 60_000;
/** With nothing wrong: news is asked for this often while the app is open. */
const IDLE_MS = 2 * 60_000;

/** `chance` in [0, 1) spreads phones over the second half of the wait. */
export function waitMs(failures: number, chance: number): number {
  const whole = failures === 0 ? IDLE_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(whole * (0.5 + chance / 2));
}
