import { expect, test as it } from "vitest";
import { Rests, retryAfter } from "./http";

const NOON = "Thu, 26 Nov 2026 12:00:00 GMT";

//
it("reads seconds and dates, and believes neither for longer than ten minutes", () => {
  expect(retryAfter("30", null)).toBe(30_000);
  expect(retryAfter("0", null)).toBe(1_000);
  expect(retryAfter("-5", null)).toBe(1_000);
  expect(retryAfter("86400", null)).toBe(600_000);
  expect(retryAfter("Thu, 26 Nov 2026 12:02:00 GMT", NOON)).toBe(120_000);
  expect(retryAfter("Thu, 26 Nov 2026 11:00:00 GMT", NOON)).toBe(1_000);
  expect(retryAfter("Fri, 27 Nov 2026 12:00:00 GMT", NOON)).toBe(600_000);
});

it("a header that says nothing is none", () => {
  expect(retryAfter(null, NOON)).toBeUndefined();
  expect(retryAfter("", NOON)).toBeUndefined();
  expect(retryAfter("soon", NOON)).toBeUndefined();
});

it("a date is read by the server's clock: a phone that is ten years off waits as long as any", () => {
  const there = "Sat, 26 Nov 2016 12:00:30 GMT";
  expect(retryAfter(there, "Sat, 26 Nov 2016 12:00:00 GMT")).toBe(30_000);
});

//
it("who was asked to wait waits, others do not", () => {
  const rests = new Rests();
  rests.begin("a", 30_000, 1_000, 0);
  expect(rests.left("a", 11_000)).toBe(20_000);
  expect(rests.left("b", 11_000)).toBe(0);
  expect(rests.left("a", 31_000)).toBe(0);
  rests.begin("a", 30_000, 31_000, 0.5);
  expect(rests.left("a", 31_000)).toBe(37_500);
});
