// F-41: what is seen of a day's times is what is kept, or it is said that it is not.
import { expect, test as it } from "vitest";
import { daysInPart, timesTyped } from "./play-times";

const DAY = "2021-07-20";

it.each([
  ["in order", ["17:00", "05:30"], 2, "05:30, 17:00"],
  ["none, where all were cleared", ["", ""], 2, null],
  ["not in part", ["05:30", ""], 2, undefined],
  ["no two alike", ["05:30", "05:30"], 2, undefined],
  ["not where the day has one more since", ["05:30", "17:00"], 3, undefined],
  ["those of the airings that the day has still", ["05:30", "17:00"], 1, "05:30"],
  ["none of a day without", ["05:30"], 0, undefined],
])("kept are times %s", (_, times, n, kept) => {
  expect(timesTyped({ [DAY]: times }, DAY, n)).toBe(kept);
});

it("it is said of which days nothing is kept", () => {
  const typed = {
    a: ["05:30", ""],
    b: ["05:30", "05:30"],
    c: ["05:30", "17:00"],
    d: ["", ""],
    e: ["05:30", ""],
  };
  const times = (day: string) => (day === "e" ? 0 : 2);
  expect(daysInPart(typed, ["a", "b", "c", "d", "e", "f"], times)).toEqual(["a", "b"]);
});
