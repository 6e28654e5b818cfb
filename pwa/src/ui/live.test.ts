// What is drawn again and what is not: an answer that says the same as the one before.
import fc from "fast-check";
import { expect, test as it } from "vitest";
import { equalData } from "./live";

it("data is equal as its JSON is, whatever the order of keys", () => {
  const turned = (data: unknown): unknown =>
    typeof data !== "object" || data === null || Array.isArray(data)
      ? data
      : Object.fromEntries(Object.entries(data).toReversed());
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(equalData(a, turned(structuredClone(a)))).toBe(true);
      expect(equalData(a, b)).toBe(equalData(b, a));
    }),
  );
});

it("one part more, less or other is another answer", () => {
  const row = { record: "r", view: { fields: { slogan: [{ id: "1", value: "s" }] } }, attention: null };
  expect(equalData(row, { ...row, attention: undefined })).toBe(false);
  expect(equalData(row, { ...row, more: undefined })).toBe(false);
  expect(equalData([row], [row, row])).toBe(false);
  expect(equalData([], {})).toBe(false);
  expect(equalData(row, { ...row, view: { fields: { slogan: [{ id: "2", value: "s" }] } } })).toBe(false);
});

it("what is no data is equal to itself alone", () => {
  const bytes = new ArrayBuffer(1);
  expect(equalData({ bytes }, { bytes })).toBe(true);
  expect(equalData({ bytes }, { bytes: new ArrayBuffer(1) })).toBe(false);
  expect(equalData(new Set([1]), new Set([1]))).toBe(false);
});
