import { expect, test as it } from "vitest";
import { firstPush } from "./protocol";
import type { Write } from "./record";

const write = (nth: number, size: number): Write => ({
  id: `w${nth}`,
  at: nth,
  record: `w${nth}`,
  set: { note: "x".repeat(size) },
});

/** The sizes of the pushes that an outbox becomes. */
function pushes(outbox: readonly Write[]): number[] {
  const first = firstPush(outbox);
  expect(outbox.slice(0, first.length)).toEqual(first);
  return outbox.length === 0 ? [] : [first.length, ...pushes(outbox.slice(first.length))];
}

it("X-18: about 64 kB each, in order, one write at least", () => {
  expect(pushes([])).toEqual([]);
  expect(pushes(Array.from({ length: 100 }, (_, nth) => write(nth, 2_000)))).toEqual([31, 31, 31, 7]);
  expect(pushes([write(0, 70_000), write(1, 70_000), write(2, 10), write(3, 10)])).toEqual([1, 1, 2]);
  expect(pushes(Array.from({ length: 501 }, (_, nth) => write(nth, 1)))).toEqual([500, 1]);
});
