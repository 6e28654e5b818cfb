import { expect, test as it } from "vitest";
import type { Kind } from "./kind";
import { lay } from "./overlay";
import { planned } from "./plan";
import { type Sums, tally } from "./sums";
import { view } from "./view";
import type { Values } from "./write";

const figures = [{ code: "banners", label: {}, unit: {}, product: ["quantity"] }];
const banner = { kind: "banner", figures } as unknown as Kind;
const saying = (set: Values) => {
  const write = { id: "a", at: 1, record: "a", set: { submitted: true, ...set } };
  return { campaign: "c", view: view(lay({}, [write], ""), [], [], null, "") };
};

it("a change takes the record away as it was, and adds it as it is", () => {
  const sums: Sums = {};
  tally(sums, banner, saying({ quantity: 3 }), 1);
  tally(sums, banner, saying({ quantity: 4 }), 1);
  expect(sums).toEqual({ c: { banners: 7, "=waiting": 2 } });
  tally(sums, banner, saying({ quantity: 3 }), -1);
  tally(sums, banner, saying({ quantity: 5 }), 1);
  expect(sums).toEqual({ c: { banners: 9, "=waiting": 2 } });
});

it("what is no report is done by nobody: a draft, a deleted record, an act, a kind of a newer hub", () => {
  const sums: Sums = {};
  tally(sums, banner, saying({ quantity: 3, submitted: null }), 1);
  tally(sums, banner, saying({ quantity: 3, deleted: true }), 1);
  tally(sums, { ...banner, act: true }, saying({ quantity: 3 }), 1);
  tally(sums, undefined, saying({ quantity: 3 }), 1);
  tally(sums, banner, { campaign: "c", view: undefined }, 1);
  expect(sums).toEqual({ c: { "=draft": 1, "=deleted": 1 } });
});

it("plan against done; nothing to report where any act says so, until it is taken back in each", () => {
  const expected = [
    { figure: "banners", amount: 5 },
    { figure: "airings", amount: 20 },
  ];
  const act = (value: true | null) =>
    lay({}, [{ id: "a", at: 1, record: "a", set: { "nil/airings": value } }], "");
  const rows = (...acts: (true | null)[]) => planned(expected, { banners: 3 }, acts.map(act));
  expect(rows()).toEqual([
    { figure: "banners", amount: 5, done: 3, nil: false },
    { figure: "airings", amount: 20, done: 0, nil: false },
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
