// Which campaign is the nearest: what a phone shows where nobody chose one.
import { describe, expect, it } from "vitest";
import { nearest } from "./late";

const window = (starts_on: string, ends_on: string, due_before: string, due_levels = {}) => ({
  ...{ starts_on, ends_on, due_before, due_levels },
});
const ended = window("2021-05-01", "2021-05-31", "2021-06-03");
const now = window("2021-07-01", "2021-07-31", "2021-08-03");
const next = window("2021-11-01", "2021-11-30", "2021-12-03");

describe("the nearest campaign", () => {
  it.each([
    ["2021-07-10", now],
    ["2021-05-10", ended],
    ["2021-06-10", now],
    ["2021-08-02", now],
    ["2021-08-03", next],
    ["2022-01-01", next],
  ])("on %s", (day, one) => {
    expect(nearest([ended, now, next], day)).toBe(one);
    expect(nearest([next, now, ended], day)).toBe(one);
  });

  it("waits for the last level", () => {
    const later = window("2021-07-01", "2021-07-31", "2021-08-03", { province: "2021-08-11" });
    expect(nearest([later, next], "2021-08-05")).toBe(later);
  });

  it("is none of none, and the first that an older server gave without days", () => {
    expect(nearest([], "2021-07-10")).toBeUndefined();
    const bare = { due_before: null };
    expect(nearest([bare], "2021-07-10")).toBe(bare);
  });
});
