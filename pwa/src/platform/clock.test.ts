// What the phone takes for the time when its clock is wrong, or was set while it was offline (SPEC G5, P-26).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const REAL = Date.UTC(2026, 10, 30, 3);
let clock: typeof import("./clock");

/** A page: nothing of the one before is in its memory. */
async function newPage(): Promise<void> {
  vi.resetModules();
  clock = await import("./clock");
}

beforeEach(async () => {
  vi.useFakeTimers();
  vi.setSystemTime(REAL);
  await newPage();
});
afterEach(() => {
  vi.useRealTimers();
});

/** The server answers; the phone's clock is off by so much. */
function answered(off: number): number {
  vi.setSystemTime(REAL + off);
  return clock.hearTime(REAL);
}

it.each([0, -3652 * DAY, 3652 * DAY, DAY, -90_000])(
  "a clock that is off by %i, and stays so, does no harm in this page",
  (off) => {
    answered(off);
    expect([clock.now(), clock.isTimeSure()]).toEqual([REAL, true]);
    vi.advanceTimersByTime(3 * HOUR);
    expect([clock.now(), clock.isTimeSure()]).toEqual([REAL + 3 * HOUR, true]);
  },
);

it("a phone that slept, which the page does not count, goes by its clock", () => {
  answered(0);
  vi.setSystemTime(REAL + 5 * DAY);
  expect([clock.now(), clock.isTimeSure()]).toEqual([REAL + 5 * DAY, true]);
});

it("a clock that fell back to 2015 dates nothing 2015: not before the last answer, and not sure", async () => {
  const offset = answered(0);
  await newPage();
  vi.setSystemTime(Date.UTC(2015, 0, 1));
  clock.recallTime(offset, REAL);
  expect([clock.now(), clock.isTimeSure()]).toEqual([REAL, false]);
  expect(clock.today()).toBe("2026-11-30");
});

it("in the page that the server answered, not before what it counted since", () => {
  answered(0);
  vi.advanceTimersByTime(2 * HOUR);
  vi.setSystemTime(Date.UTC(2015, 0, 1));
  expect([clock.now(), clock.isTimeSure()]).toEqual([REAL + 2 * HOUR, false]);
});

it.each([
  ["a day behind", -DAY],
  ["a day ahead", DAY],
  ["ten years ahead", 3652 * DAY],
])("a clock that was %s and is put right offline gives no other day than today", async (_, off) => {
  const offset = answered(off);
  vi.setSystemTime(REAL + 2 * HOUR);
  const here = clock.today();
  await newPage();
  clock.recallTime(offset, REAL);
  expect([here, clock.today()]).toEqual(["2026-11-30", "2026-11-30"]);
});

it("where both may be, it is the earlier one and not sure; where one alone is after the last answer, that one", async () => {
  const offset = answered(-DAY);
  await newPage();
  // Put right, or a day later with the clock as it was: nothing tells.
  vi.setSystemTime(REAL + HOUR);
  clock.recallTime(offset, REAL);
  expect([clock.now(), clock.isTimeSure()]).toEqual([REAL + HOUR, false]);
  vi.setSystemTime(REAL - DAY + HOUR);
  expect([clock.now(), clock.isTimeSure()]).toEqual([REAL + HOUR, true]);
  clock.hearTime(REAL + HOUR);
  expect(clock.isTimeSure()).toBe(true);
});

it("what another officer of this phone knew before changes nothing", () => {
  answered(0);
  clock.recallTime(DAY, REAL - DAY);
  expect([clock.now(), clock.isTimeSure()]).toEqual([REAL, true]);
});
