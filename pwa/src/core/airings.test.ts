import { expect, test as it } from "vitest";
import { addDays, allAired, daysSoFar, registerOf, reschedule, withMarker } from "./airings";
import type { Kind } from "./kind";

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
it("one tap confirms every day as planned; what was answered follows the schedule that is typed", () => {
  expect(allAired(confirm, schedule, ["2021-07-28", "2021-07-29"])).toEqual({
    "aired/20210728": 2,
    "aired/20210729": 2,
  });
  const now = { schedule, "aired/20210728": 2, "aired/20210729": 1, "aired/20210730": 0 };
  const today = "2021-08-09";
  const other = (to: object, drawn = {}) => reschedule(confirm, drawn, now, { ...schedule, ...to }, today);
  expect(other({ times_a_day: 3 })).toEqual({ "aired/20210728": 3 });
  expect(other({ from: "2021-07-29" })).toEqual({ "aired/20210728": null });
  // A day that was confirmed before this form was opened is none of its answers.
  expect(other({ from: "2021-07-29" }, { "aired/20210728": 2 })).toEqual({});
  expect(other({ to: "2021-08-30" })).toEqual({});
  // Half typed: nothing is asked for, so nothing is answered.
  const half = reschedule(confirm, {}, now, { from: "2021-07-28" }, today);
  expect(half).toEqual({ "aired/20210728": null, "aired/20210729": null, "aired/20210730": null });
});
