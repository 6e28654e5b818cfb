import { readFileSync } from "node:fs";
import { expect, test as it } from "vitest";
import { addDays } from "./day";
import { NOTHING } from "./draft";
import {
  allAired,
  daysSoFar,
  hoursOn,
  registerOf,
  reschedule,
  toSay,
  weeksSoFar,
  withMarker,
} from "./figures";
import type { Kind } from "./kind";
import type { Values } from "./record";

const load = <T>(path: string): T => JSON.parse(readFileSync(`../sync/${path}`, "utf8"));
const BROADCAST = load<Kind>("kinds/broadcast.json");
interface HoursCase {
  readonly name: string;
  readonly values: Values;
  readonly day: string;
  readonly hours: readonly string[];
}

it.each(load<{ hours: HoursCase[] }>("vectors/airings.json").hours)(
  "F-41: $name",
  ({ values, day, hours }) => {
    expect(BROADCAST.confirm && hoursOn(BROADCAST.confirm, values, day)).toEqual(hours);
  },
);

const confirm = { schedule: "schedule", when: "standing", register: "aired" };
const schedule = { from: "2021-07-28", to: "2021-08-02", times_a_day: 2 };

it("days of a schedule so far: over the month's end, none before it begins, none where it ends before", () => {
  expect(daysSoFar(schedule, "2021-08-01")).toEqual([
    "2021-07-28",
    "2021-07-29",
    "2021-07-30",
    "2021-07-31",
    "2021-08-01",
  ]);
  expect(daysSoFar(schedule, "2021-09-01")).toHaveLength(6);
  expect(daysSoFar(schedule, "2021-07-27")).toEqual([]);
  expect(daysSoFar({ ...schedule, to: "2021-07-01" }, "2021-08-01")).toEqual([]);
  expect(daysSoFar({ from: "2021-07-28" }, "2021-08-01")).toEqual([]);
  expect(daysSoFar({ from: "1021-07-28", to: "9999-01-01" }, "2021-08-01")).toHaveLength(400);
});

it("a day is a register of its own, so two officers who confirm other days never meet", () => {
  expect(registerOf(confirm, "2021-07-05")).toBe("aired/20210705");
  expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
});

// F-20.
it("a new record counts by confirmed days, also a draft of an earlier app; one that is there keeps its rule", () => {
  const kind = { confirm } as unknown as Kind;
  expect(withMarker(kind, { id: "a", record: "a", now: { standing: false } })).toEqual({ standing: true });
  expect(withMarker(kind, { id: "b", record: "a", now: {} })).toEqual({});
  expect(withMarker(kind, { id: "b", record: "a", now: { standing: false } })).toEqual({ standing: false });
  // Made in the stead of one that was refused: it is the same act.
  expect(withMarker(kind, { id: "b", record: "b", replaces: "a", now: {} })).toEqual({});
  expect(withMarker({} as Kind, { id: "a", record: "a", now: {} })).toEqual({});
});

// F-23.
it("one tap confirms every day as planned: those follow the plan, what was said of a day by itself stays", () => {
  const days = ["2021-07-28", "2021-07-29"];
  expect(allAired(confirm, schedule, days)).toEqual({ "aired/20210728": 2, "aired/20210729": 2 });
  const moved = (to: object) => reschedule(["aired/20210728"], { ...schedule, ...to });
  expect(moved({ times_a_day: 3 })).toEqual({ "aired/20210728": 3 });
  // Half typed, or a text that is no number or no day: nothing follows yet.
  for (const half of [{ times_a_day: "2 lần" }, { times_a_day: null }, { to: "03/08/202" }, { from: null }])
    expect(moved(half)).toEqual({});
  expect(reschedule([], { ...schedule, times_a_day: 3 })).toEqual({});
});

// F-23.
it("an answer about a day that the schedule does not ask for is dropped when the form is saved", () => {
  const kind = { confirm } as unknown as Kind;
  const days = { "aired/20210728": 2, "aired/20210729": 1, "aired/20210809": 2 };
  const form = { id: "a", record: "a", drawn: NOTHING, now: { schedule, note: "x", ...days } };
  const today = "2021-08-09";
  const said = (to: object, more: object = {}) =>
    Object.keys(
      toSay(kind, { ...form, now: { ...form.now, schedule: { ...schedule, ...to } }, ...more }, today),
    )
      .filter((name) => name.startsWith("aired/"))
      .map((name) => name.slice(-4));
  expect(said({})).toEqual(["0728", "0729"]);
  expect(said({ from: "2021-07-29" })).toEqual(["0729"]);
  // A day that was confirmed before the form was opened is none of its answers.
  const drawn = { ...NOTHING, values: { "aired/20210728": 2 } };
  expect(said({ from: "2021-07-29" }, { drawn })).toEqual(["0728", "0729"]);
  // While the schedule is no schedule nothing is saved, and nothing dropped.
  expect(said({ to: "03/08/202" })).toHaveLength(3);
  // Today is not asked for where more days come; said on the page of the record that it stands for, it is kept.
  expect(said({ to: "2021-08-30" })).toEqual(["0728", "0729"]);
  expect(said({ to: "2021-08-30" }, { replaces: "b" })).toHaveLength(3);
});

it("P-29: a page of the log is of a week of the schedule so far, the last one first", () => {
  const schedule = { from: "2021-07-21", to: "2021-08-20", times_a_day: 2 };
  expect(weeksSoFar(schedule, "2021-08-02")).toEqual(["2021-08-02", "2021-07-26", "2021-07-19"]);
  expect(weeksSoFar(schedule, "2021-07-20")).toEqual([]);
  expect(weeksSoFar(undefined, "2021-07-20")).toEqual([]);
});
