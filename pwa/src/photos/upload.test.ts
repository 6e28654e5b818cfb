import { expect, test as it } from "vitest";
import { waitMs } from "../platform/pauses";
import { within } from "./shrink";
import { nextChunk, SMALLEST } from "./upload";

it("chunks grow to what passes in eight seconds, at most twofold, and never under 32 kB", () => {
  expect(nextChunk(SMALLEST, 100)).toBe(2 * SMALLEST);
  expect(nextChunk(64_000, 10_000)).toBe(51_200);
  expect(nextChunk(SMALLEST, 60_000)).toBe(SMALLEST);
});

//
it("tries spread out and become rarer, up to ten minutes", () => {
  expect(waitMs(1, 0)).toBe(2_500);
  expect(waitMs(3, 0.5)).toBe(15_000);
  expect(waitMs(50, 0.999)).toBeLessThanOrEqual(600_000);
});

it("a photo is at most 1,600 pixels on its long side and never enlarged", () => {
  expect(within({ width: 4000, height: 3000 }, 1600)).toEqual([1600, 1200]);
  expect(within({ width: 3000, height: 4000 }, 1600)).toEqual([1200, 1600]);
  expect(within({ width: 640, height: 480 }, 1600)).toEqual([640, 480]);
});
