// When a photo of a file was taken: what its camera says, and never when the file was made (SPEC P-20, P-26).
import { expect, test as it, vi } from "vitest";
import { hearTime, now } from "../platform/clock";
import { exif } from "../platform/stand-ins.testing";
import { takenAt } from "./taken-at";

it.each([
  ["2021:07:30 14:05:00", "", Date.UTC(2021, 6, 30, 7, 5)],
  ["2021:07:30 14:05:00", "+09:00", Date.UTC(2021, 6, 30, 5, 5)],
  ["2021:07:30 14:05:00", "-03:00", Date.UTC(2021, 6, 30, 17, 5)],
])("EXIF says %s %s, in Viet Nam where it names no zone", async (time, zone, at) => {
  expect(await takenAt(exif(time, zone), 0)).toBe(at);
  expect(await takenAt(exif(time, zone, false), 0)).toBe(at);
});

it.each([
  "0000:00:00 00:00:00",
  "1980:01:01 00:00:00",
  "    :  :     :  :  ",
  "9999:01:01 00:00:00",
  "nonsense, nonsense!",
])("what no camera can mean (%s) says nothing", async (time) => {
  expect(await takenAt(exif(time), 0)).toBeUndefined();
});

it("a file without EXIF, or one that is cut, says nothing, whenever it was made", async () => {
  const whole = exif("2021:07:30 14:05:00");
  for (const file of [
    new File(["jpeg"], "a.jpg", { lastModified: 1000 }),
    new Blob([]),
    whole.slice(0, 60),
    whole.slice(0, 90),
  ])
    expect(await takenAt(file, 0)).toBeUndefined();
});

it("P-26: a phone that is a few minutes fast is believed of a photo taken just now, and no photo is of later than now", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const at = Date.UTC(2030, 6, 30, 7, 5);
  vi.setSystemTime(at);
  hearTime(at - 2 * 60_000);
  expect(await takenAt(exif("2030:07:30 14:05:00"), 0)).toBe(now());
  expect(now()).toBeLessThan(at);
  expect(await takenAt(exif("2030:07:30 14:09:00"), 0)).toBeUndefined();
  vi.useRealTimers();
});

it("P-27: of the phone's own camera EXIF is put right as its clock is, and says nothing while that is in doubt", async () => {
  const photo = exif("2015:01:01 08:00:00");
  const at = Date.UTC(2015, 0, 1, 1);
  expect(await takenAt(photo, undefined)).toBeUndefined();
  expect(await takenAt(photo, 3_600_000)).toBe(at + 3_600_000);
  expect(await takenAt(photo, -40)).toBe(at);
});
