import { expect, test as it } from "vitest";
import { cut } from "./two-scripts.ts";

it("a script is cut at its one cut", () => {
  expect(cut("one();debugger;two();")).toEqual(["one();", "two();"]);
});

it("one without a cut, or with more than one, ends the build", () => {
  expect(() => cut("one();two();")).toThrow("and has none.");
  expect(() => cut("one();debugger;two();debugger;three();")).toThrow("and has more.");
  expect(() => cut("debugger;debugger;")).toThrow("and has more.");
});
