import { expect, test as it } from "vitest";
import type { Kind } from "./kind";
import { planned } from "./plan";
import { lay, type Values } from "./record";
import { countedOf, plannedIn, type Sums, sharesIn, tally } from "./sums";
import { type Decision, view } from "./view";

const figures = [{ code: "banners", label: {}, unit: {}, product: ["quantity"] }];
const banner = { kind: "banner", fields: [], figures } as unknown as Kind;
const saying = (set: Values) => {
  const write = { id: "a", at: 1, record: "a", set: { submitted: true, ...set } };
  return { unit: "u", campaign: "c", view: view(lay({}, [write], ""), [], [], null, ""), decision: null };
};
/** Decided on, with the counted values that this phone remembers. */
const decided = (set: Values, verdict: Decision["verdict"], amended = false, before?: object) => {
  const write = { id: "a", at: 1, record: "a", set: { submitted: true, ...set } };
  const decision = { id: "d", verdict, reason: "", fields: [], by: "", at: 1, amended };
  const base = lay({}, [write], "");
  const row = { unit: "u", campaign: "c", base, view: view(base, [], [], decision, ""), decision, ...before };
  return { ...row, counted: countedOf(row) };
};

it("a change takes the record away as it was, and adds it as it is", () => {
  const sums: Sums = {};
  tally(sums, banner, saying({ quantity: 3 }), 1);
  tally(sums, banner, saying({ quantity: 4 }), 1);
  expect(sums).toEqual({ "u c": { "waiting banners": 7, "=waiting": 2 } });
  tally(sums, banner, saying({ quantity: 3 }), -1);
  tally(sums, banner, saying({ quantity: 5 }), 1);
  expect(sums).toEqual({ "u c": { "waiting banners": 9, "=waiting": 2 } });
});

// D-11.
it("what is no report is done by nobody: a draft, a deleted record, an act, a kind of a newer server", () => {
  const sums: Sums = {};
  tally(sums, banner, saying({ quantity: 3, submitted: null }), 1);
  tally(sums, banner, saying({ quantity: 3, deleted: true }), 1);
  tally(sums, { ...banner, act: true }, saying({ quantity: 3 }), 1);
  tally(sums, undefined, saying({ quantity: 3 }), 1);
  tally(sums, banner, { unit: "u", campaign: "c", view: undefined, decision: null }, 1);
  expect(sums).toEqual({ "u c": { "=draft": 1, "=deleted": 1 } });
});

// D-11.
it("counted, waiting, returned and unsent stand apart; what is not counted is in none (D-5)", () => {
  const sums: Sums = {};
  tally(sums, banner, saying({ quantity: 3 }), 1);
  tally(sums, banner, decided({ quantity: 4 }, "counted"), 1);
  tally(sums, banner, decided({ quantity: 5 }, "returned"), 1);
  tally(sums, banner, decided({ quantity: 6 }, "returned", true), 1);
  tally(sums, banner, decided({ quantity: 9 }, "not_counted"), 1);
  const own = { id: "a", at: 1, record: "a", set: { submitted: true, quantity: 7 } };
  const unsent = view({}, [{ wire: own, state: "pending" }], [], null, "");
  tally(sums, banner, { unit: "u", campaign: "c", view: unsent, decision: null }, 1);
  expect(sharesIn(sums["u c"] ?? {}, "banners")).toEqual({
    counted: 4,
    waiting: 9,
    returned: 5,
    unsent: 7,
    done: 13,
  });
});

// D-11.
it("D-5: what was counted goes on counting as it was decided on, whatever was written since", () => {
  const counted = decided({ quantity: 4 }, "counted");
  const amended = decided({ quantity: 9 }, "counted", true, { counted: counted.counted });
  const deleted = decided({ quantity: 4, deleted: true }, "counted", true, { counted: counted.counted });
  for (const row of [counted, amended, deleted]) {
    const sums: Sums = {};
    tally(sums, banner, row, 1);
    expect(sharesIn(sums["u c"] ?? {}, "banners")).toMatchObject({ counted: 4, waiting: 0 });
    tally(sums, banner, row, -1);
    expect(sums).toEqual({ "u c": {} });
  }
  // Never seen by this phone as it was decided on: the server tells what counts.
  const { decision: made, ...first } = decided({ quantity: 9 }, "counted", true);
  const counts = countedOf({ ...first, decision: { ...made, counted: { quantity: 4 } } });
  expect(counts).toEqual({ decision: "d", values: { quantity: 4 } });
  // Edited on this phone before it had the decision: what the server holds counts.
  const edit = { id: "b", at: 2, record: "a", set: { quantity: 9 }, seen: ["a"] };
  const { base, decision } = decided({ quantity: 4 }, "counted");
  const edited = {
    unit: "u",
    campaign: "c",
    base,
    decision,
    view: view(base, [{ wire: edit, state: "pending" }], [], decision, ""),
  };
  const sums: Sums = {};
  tally(sums, banner, { ...edited, counted: countedOf(edited) }, 1);
  expect(sharesIn(sums["u c"] ?? {}, "banners")).toMatchObject({ counted: 4, waiting: 0 });
  // Amended before this phone ever saw it: what counts of it is not known here, and not claimed.
  const unseen: Sums = {};
  tally(unseen, banner, decided({ quantity: 9 }, "counted", true), 1);
  expect(sharesIn(unseen["u c"] ?? {}, "banners")).toMatchObject({ counted: 0, waiting: 9 });
  // Another decision: what an earlier one counted is over.
  expect(decided({ quantity: 9 }, "returned", false, { counted: counted.counted }).counted).toBeUndefined();
});

// F-33, F-34.
it("0 is an answer only of a record that says so; a phone that holds none has no 0", () => {
  const metres = { code: "metres", label: {}, unit: {}, product: ["metres"] };
  const kind = { ...banner, figures: [...banner.figures, metres] };
  const sums: Sums = {};
  const asked = ["banners", "metres"].map((figure) => ({ figure, amount: 5 }));
  const answers = () => planned(asked, sums["u c"] ?? {}, []).map((item) => item.answer);
  expect(answers()).toEqual(["unreported", "unreported"]);
  tally(sums, kind, saying({ quantity: 3 }), 1);
  expect(answers()).toEqual(["amount", "unreported"]);
  tally(sums, kind, saying({ quantity: 0, metres: 0 }), 1);
  expect(answers()).toEqual(["amount", "amount"]);
  tally(sums, kind, saying({ quantity: 0, metres: 0 }), -1);
  tally(sums, kind, saying({ quantity: 3 }), -1);
  expect(sums).toEqual({ "u c": {} });
});

// F-21.
it("what schedules plan stands apart, of the records that are counted or wait; a confirmed day changes only what is done", () => {
  const figure = (product: readonly string[], standing: unknown) => ({
    ...{ code: "airings", label: {}, unit: {} },
    ...{ product, where: { standing } },
  });
  const both = [figure(["schedule.days", "schedule.times_a_day"], [null, false]), figure(["aired.*"], true)];
  const confirm = { schedule: "schedule", when: "standing", register: "aired" };
  const kind = { kind: "broadcast", fields: [], figures: [...figures, ...both], confirm } as unknown as Kind;
  const schedule = { from: "2021-07-01", to: "2021-07-12", times_a_day: 2 };
  const marked = { schedule, standing: true, quantity: 3 };
  const sums: Sums = {};
  const shown = () => {
    const sum = sums["u c"] ?? {};
    return [sharesIn(sum, "airings").done, plannedIn(sum, "airings"), plannedIn(sum, "banners")];
  };
  tally(sums, kind, saying(marked), 1);
  expect(shown()).toEqual([0, 24, 0]);
  const said = { ...marked, "aired/20210701": 2, "aired/20210702": 2 };
  tally(sums, kind, saying(marked), -1);
  tally(sums, kind, saying(said), 1);
  expect(shown()).toEqual([4, 24, 0]);
  // A record of an earlier app did what it plans; one that came back is in neither.
  tally(sums, kind, saying({ schedule }), 1);
  tally(sums, kind, decided(marked, "returned"), 1);
  expect(shown()).toEqual([28, 48, 0]);
  tally(sums, kind, decided(said, "counted"), 1);
  expect(shown()).toEqual([32, 72, 0]);
  for (const row of [
    saying(said),
    saying({ schedule }),
    decided(marked, "returned"),
    decided(said, "counted"),
  ])
    tally(sums, kind, row, -1);
  expect(sums).toEqual({ "u c": {} });
});

it("plan against done; nothing to report where any act says so, until it is taken back in each", () => {
  const expected = [
    { figure: "banners", amount: 5 },
    { figure: "airings", amount: 20 },
  ];
  const act = (value: true | null) =>
    lay({}, [{ id: "a", at: 1, record: "a", set: { "nil/airings": value } }], "");
  const rows = (...acts: (true | null)[]) =>
    planned(expected, { "counted banners": 3, "waiting banners": 31 }, acts.map(act));
  expect(rows()).toEqual([
    {
      figure: "banners",
      amount: 5,
      done: { counted: 3, waiting: 31, returned: 0, unsent: 0, done: 34 },
      nil: false,
      answer: "amount",
    },
    {
      figure: "airings",
      amount: 20,
      done: { counted: 0, waiting: 0, returned: 0, unsent: 0, done: 0 },
      nil: false,
      answer: "unreported",
    },
  ]);
  expect(rows(null, true)[1]?.nil).toBe(true);
  expect(rows(null, null)[1]?.nil).toBe(false);
  const both = [true, null].map((value, at) => ({
    id: `${at}`,
    at,
    record: "0",
    set: { "nil/airings": value },
  }));
  expect(planned(expected, {}, [lay({}, both, "")])[1]?.nil).toBe(true);
});

// F-32.
it("a value that is counted already waits for nothing: shares add up to the different values", () => {
  const sum = {
    "counted scripts a": 2,
    "counted scripts b": 1,
    "waiting scripts b": 3,
    "waiting scripts c": 1,
    "returned scripts a": 1,
    "unsent scripts d": 1,
    "counted scripts_other a": 1,
  };
  expect(sharesIn(sum, "scripts")).toEqual({ counted: 2, waiting: 1, returned: 0, unsent: 1, done: 3 });
});
