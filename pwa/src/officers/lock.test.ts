import { expect, test as it } from "vitest";
import { guarded, isLocked, noteHidden, unlock, withoutPin } from "./lock";
import type { Session } from "./officer";
import { waitS } from "./pin";

function someone(officer: string, pin = true): Session {
  const rest = { token: "", device: "", rescue_key: "", database: "", ended: false, turn: 0 };
  return { officer, ...rest, pin: pin ? { salt: new Uint8Array(16), hash: "", wrong: 0 } : undefined };
}

const [one, two] = [someone("one"), someone("two")];
const [open, other] = [someone("open", false), someone("other", false)];

it("one officer alone needs no PIN; of several one chooses at a time, whoever had the phone before first", () => {
  expect(guarded([open])).toBe(false);
  expect(withoutPin([open])).toBeUndefined();
  expect(guarded([open, other])).toBe(true);
  expect(withoutPin([open, other])).toBe(other);
  expect(withoutPin([open, one])).toBe(open);
});

it("who has just come by a code is asked when the phone is opened next or handed on, not at once", () => {
  unlock("other");
  expect(withoutPin([other, open])).toBe(open);
  expect(withoutPin([other, one])).toBeUndefined();
  expect(guarded([other, one])).toBe(false);
  expect(withoutPin([one, other])).toBe(other);
  unlock("");
  expect(withoutPin([other, one])).toBe(other);
});

it("a PIN opens the screens of its own officer, until minutes pass out of sight", () => {
  expect(guarded([one, two])).toBe(true);
  unlock("one");
  expect(guarded([one, two])).toBe(false);
  expect(isLocked(two)).toBe(true);
  noteHidden(true);
  noteHidden(false);
  expect(isLocked(one)).toBe(false);
  const { now } = Date;
  Date.now = () => now() + 4 * 60_000;
  noteHidden(false);
  Date.now = now;
  expect(isLocked(one)).toBe(true);
});

it("three tries are free, each later one takes twice as long, and never more than five minutes", () => {
  expect([0, 1, 2, 3, 4, 5, 99].map(waitS)).toEqual([0, 0, 0, 2, 4, 8, 300]);
});
