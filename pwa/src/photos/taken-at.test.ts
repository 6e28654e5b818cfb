// When a photo of a file was taken: what its camera says, and never when the file was made (SPEC P-20, P-26).
import { expect, test as it, vi } from "vitest";
import { hearTime, now } from "../platform/clock";
import { takenAt } from "./taken-at";

/** A JPEG's head with EXIF: a time, and a zone or none, in either order of bytes. */
function jpeg(time: string, zone = "", little = true): File {
  const view = new DataView(new ArrayBuffer(200));
  const text = (at: number, said: string) =>
    [...said].forEach((sign, nth) => void view.setUint8(at + nth, sign.charCodeAt(0)));
  const tiff = 12;
  const entry = (at: number, tag: number, count: number, value: number) => {
    view.setUint16(at, tag, little);
    view.setUint16(at + 2, 2, little);
    view.setUint32(at + 4, count, little);
    view.setUint32(at + 8, value, little);
  };
  view.setUint32(0, 0xffd8ffe1);
  view.setUint16(4, 190);
  text(6, "Exif");
  text(tiff, little ? "II" : "MM");
  view.setUint16(tiff + 2, 42, little);
  view.setUint32(tiff + 4, 8, little);
  view.setUint16(tiff + 8, 1, little);
  entry(tiff + 10, 0x8769, 1, 30);
  view.setUint16(tiff + 30, zone ? 2 : 1, little);
  entry(tiff + 32, 0x9003, 20, 70);
  if (zone) entry(tiff + 44, 0x9011, 7, 100);
  text(tiff + 70, time);
  text(tiff + 100, zone);
  return new File([view], "a.jpg", { type: "image/jpeg", lastModified: 1000 });
}

it.each([
  ["2021:07:30 14:05:00", "", Date.UTC(2021, 6, 30, 7, 5)],
  ["2021:07:30 14:05:00", "+09:00", Date.UTC(2021, 6, 30, 5, 5)],
  ["2021:07:30 14:05:00", "-03:00", Date.UTC(2021, 6, 30, 17, 5)],
])("EXIF says %s %s, in Viet Nam where it names no zone", async (time, zone, at) => {
  expect(await takenAt(jpeg(time, zone))).toBe(at);
  expect(await takenAt(jpeg(time, zone, false))).toBe(at);
});

it.each([
  "0000:00:00 00:00:00",
  "1980:01:01 00:00:00",
  "    :  :     :  :  ",
  "9999:01:01 00:00:00",
  "nonsense, nonsense!",
])("what no camera can mean (%s) says nothing", async (time) => {
  expect(await takenAt(jpeg(time))).toBeUndefined();
});

it("a file without EXIF, or one that is cut, says nothing, whenever it was made", async () => {
  const whole = jpeg("2021:07:30 14:05:00");
  for (const file of [
    new File(["jpeg"], "a.jpg", { lastModified: 1000 }),
    new Blob([]),
    whole.slice(0, 60),
    whole.slice(0, 90),
  ])
    expect(await takenAt(file)).toBeUndefined();
});

it("P-26: a phone that is a few minutes fast is believed of a photo taken just now, and no photo is of later than now", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const at = Date.UTC(2030, 6, 30, 7, 5);
  vi.setSystemTime(at);
  hearTime(at - 2 * 60_000);
  expect(await takenAt(jpeg("2030:07:30 14:05:00"))).toBe(now());
  expect(now()).toBeLessThan(at);
  expect(await takenAt(jpeg("2030:07:30 14:09:00"))).toBeUndefined();
  vi.useRealTimers();
});
