// Every screen has its help, in both languages alike, and nothing in it calls the officer "bạn".
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test as it } from "vitest";
import en from "../../../sync/help.en.json";
import vi from "../../../sync/help.vi.json";

/** Screens that explain themselves. */
const WITHOUT_HELP = ["guide", "new", "help", "pin"];

function screens(): string[] {
  return ["route.tsx", "later.ts"].flatMap((file) => {
    const source = readFileSync(join(import.meta.dirname, file), "utf-8");
    const table = source.match(/: Screens = \{(.*?)\};/s)?.[1] ?? "";
    return [...table.matchAll(/(\w+): \w+/g)].map((one) => one[1] ?? "");
  });
}

it("every screen is explained, and both languages explain the same", () => {
  const known = screens().filter((name) => !WITHOUT_HELP.includes(name));
  expect(known.length).toBeGreaterThan(8);
  expect(known.filter((name) => !(name in vi))).toEqual([]);
  const shape = (help: object) =>
    Object.entries(help).map(([name, { text, picture }]) => [
      name,
      picture,
      text.map((part: string | string[]) => (typeof part === "string" ? 0 : part.length)),
    ]);
  expect(shape(en)).toEqual(shape(vi));
});

it("official texts do not say bạn", () => {
  expect(JSON.stringify(vi)).not.toMatch(/(?<![\p{L}])bạn(?![\p{L}])/iu);
});
