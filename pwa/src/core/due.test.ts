import { expect, test as it } from "vitest";
import { addDays, daysSoFar, dueOf, registerOf } from "./due";
import type { Kind } from "./kind";
import { lay } from "./overlay";
import { view } from "./view";
import type { Values } from "./write";

const confirm = { schedule: "schedule", when: "standing", register: "aired" };
const life = { from: "put_up_on", to: "taken_down_on", days: 15 };
const schedule = { from: "2021-07-28", to: "2021-08-02", times_a_day: 2 };
const due = (kind: Partial<Kind>, ...sets: Values[]) => {
  const writes = sets.map((set, at) => ({ id: `w${at}`, at, record: "w0", set }));
  return dueOf(kind as Kind, view(lay({}, writes, ""), [], [], null, ""));
};

it("a standing schedule asks from its first day without an answer until there is none; another one never", () => {
  expect(due({ confirm }, { standing: true, schedule })).toEqual(["confirm", "2021-07-28"]);
  const some = { "aired/20210728": 2, "aired/20210729": 0, "aired/20210731": 2 };
  expect(due({ confirm }, { standing: true, schedule, ...some })).toEqual(["confirm", "2021-07-30"]);
  const rest = { "aired/20210730": 2, "aired/20210801": 1, "aired/20210802": 0 };
  expect(due({ confirm }, { standing: true, schedule, ...some, ...rest })).toBeNull();
  expect(due({ confirm }, { standing: false, schedule })).toBeNull();
  expect(due({ confirm }, { standing: true })).toBeNull();
});

it("what was put up is asked for from the day on which it has hung long enough, until it is taken down", () => {
  expect(due({ life }, { put_up_on: "2021-07-20" })).toEqual(["life", "2021-08-04"]);
  expect(due({ life }, { put_up_on: "2021-07-20", taken_down_on: "2021-07-25" })).toBeNull();
  expect(due({ life }, { put_up_on: "2021-02-30" })).toBeNull();
});

it("two officers gave another day of taking down: it is down, and a conflict, not asked for again", () => {
  const down = (day: string) => ({ taken_down_on: day });
  expect(due({ life }, { put_up_on: "2021-07-20" }, down("2021-07-25"), down("2021-07-26"))).toBeNull();
});

it("a deleted record asks nothing; nor does one of a kind this phone does not know", () => {
  const gone = view(lay({}, [{ id: "a", at: 1, record: "a", set: { deleted: true } }], ""), [], [], null, "");
  expect(dueOf({ life } as Kind, gone)).toBeNull();
  expect(dueOf(undefined, gone)).toBeNull();
});

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
