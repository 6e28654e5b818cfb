// The two catalogues say the same things, with the same blanks to fill, and nothing that no screen says.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test as it, vi as vitest } from "vitest";
import en from "./en.json";
import { shown } from "./text";
import vi from "./vi.json";

const SRC = join(import.meta.dirname, "..");

function formsOf(text: string | { readonly one: string; readonly other: string }): string[] {
  return typeof text === "string" ? [text] : [text.other, text.one];
}

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
    Object.values(table).map((text) => formsOf(text).map((form) => form.match(/\{\w+\}/g)?.sort() ?? []));
  expect(blanks(en).map(([one]) => one)).toEqual(blanks(vi).map(([one]) => one));
  for (const forms of blanks(en)) expect(forms).toEqual(forms.map(() => forms[0]));
});

it("no number stands before a plural that it may not be: 1 records", () => {
  const plural = /\{(n|all|records|drafts|times|photos|files|count)\}(?: [a-z]+)? (?!was|has)[a-z]{2,}s\b/;
  const wrong = Object.entries(en).filter(([, text]) => typeof text === "string" && plural.test(text));
  expect(wrong).toEqual([]);
  const single = Object.entries(en).filter(([, text]) => typeof text !== "string" && plural.test(text.one));
  expect(single).toEqual([]);
});

it("English says one and many, of sentences and of units", async () => {
  vitest.stubGlobal("localStorage", { getItem: () => "en" });
  vitest.stubGlobal("fetch", async () => Response.json([en, {}, {}]));
  vitest.stubGlobal("document", { documentElement: {} });
  vitest.resetModules();
  const { loadTexts, t, unitOf } = await import("./text");
  await loadTexts();
  expect([t("give_holds", { n: 1 }), t("give_holds", { n: 2 })]).toEqual([
    "1 record is submitted.",
    "2 records are submitted.",
  ]);
  const unit = { vi: "hoạt động", en: "activities", "en.one": "activity" };
  expect([unitOf(1, unit), unitOf(2, unit), unitOf(10, unit, 1)]).toEqual([
    "activity",
    "activities",
    "activity",
  ]);
  vitest.unstubAllGlobals();
  vitest.resetModules();
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
