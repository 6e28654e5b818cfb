// Work behind the first frame begins also where no frame comes: a phone that was opened and pocketed.
import { afterEach, expect, test as it, vi } from "vitest";
import { whenIdle } from "./page";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it.each([true, false])("is done once, with a frame or without: %s", (drawn) => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("requestAnimationFrame", (frame: () => void) => drawn && frame());
  const work = vi.fn();
  whenIdle(work);
  expect(work).not.toHaveBeenCalled();
  vi.advanceTimersByTime(10_000);
  expect(work).toHaveBeenCalledTimes(1);
});
