import { expect, test as it } from "vitest";
import type { Kind } from "./kind";
import { lay, type Values } from "./record";
import { dueOf, view } from "./view";

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
