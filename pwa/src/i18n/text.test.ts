// The two catalogues say the same things, with the same blanks to fill, and nothing that no screen says.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test as it, vi as vitest } from "vitest";
import en from "./en.json";
import { shown } from "./text";
import vi from "./vi.json";

const SRC = join(import.meta.dirname, "..");

function sources(): string {
  const files = readdirSync(SRC, { recursive: true }).map(String);
  return files
    .filter((file) => /\.tsx?$/.test(file) && !file.includes(".test."))
    .map((file) => readFileSync(join(SRC, file), "utf-8"))
    .join("\n");
}

it("Vietnamese and English have the same keys, sorted, and the same blanks", () => {
  expect(Object.keys(en)).toEqual(Object.keys(vi));
  expect(Object.keys(vi)).toEqual(Object.keys(vi).toSorted());
  const blanks = (table: object) =>
    Object.values(table).map((text: string) => text.match(/\{\w+\}/g)?.sort() ?? []);
  expect(blanks(en)).toEqual(blanks(vi));
});

it("every sentence is said somewhere", () => {
  const code = sources();
  const said = (key: string) =>
    code.includes(`"${key}"`) || /^(upload|running|status|returned|not_counted|tab)_/.test(key);
  expect(Object.keys(vi).filter((key) => !said(key))).toEqual([]);
});

it("a number is written as Vietnamese write it", () => {
  vitest.stubGlobal("localStorage", { getItem: () => null });
  const some = [0, 7, 999, 1000, 29_125, 1_234_567, -4200, 0.5, 12_345.678, 1e9];
  const usual = (n: number) => n.toLocaleString("vi");
  expect(some.map(shown)).toEqual(some.map(usual));
  fc.assert(fc.property(fc.integer({ min: -1e12, max: 1e12 }), (n) => shown(n / 1000) === usual(n / 1000)));
});
