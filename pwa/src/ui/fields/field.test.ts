import { expect, test as it } from "vitest";
import { withPart } from "./field";

it("F-9: ticks are an object of what is ticked, and none of them is no value", () => {
  const one = withPart(null, "police", true);
  expect(one).toEqual({ police: true });
  expect(withPart(one, "women", true)).toEqual({ police: true, women: true });
  expect(withPart(one, "police", null)).toBeNull();
});

it("a part of a newer kind stays as it is", () => {
  expect(withPart({ police: true, later: true }, "police", null)).toEqual({ later: true });
});
