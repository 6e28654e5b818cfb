// Text stands out from its ground by 7:1 at least, by day and by night.
import { readFileSync } from "node:fs";
import { expect, test as it } from "vitest";

function colours(name: string): Record<string, string> {
  const sheet = readFileSync(new URL(name, import.meta.url), "utf-8");
  return Object.fromEntries(
    [...sheet.matchAll(/(--[\w-]+):\s*(#[0-9a-f]+)/g)].map(([, key, of]) => [key, of]),
  );
}

function luminance(colour: string): number {
  const digits = colour.length === 7 ? colour.slice(1) : colour.slice(1).replace(/./g, "$&$&");
  const parts = [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((one) =>
    one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const day = colours("tokens.css");
const night = { ...day, ...colours("dark.css") };

/** Text on its ground, as the sheets lay them. */
const PAIRS = [
  ...["ink", "ink-soft", "accent-dark"].flatMap((text) => [`${text} paper`, `${text} ground`]),
  ...["ink warn-ground", "accent-dark warn-ground", "ink-soft warn-ground", "ink line-soft"],
  ...["good good-ground", "busy busy-ground", "on-accent accent", "on-accent practice", "on-accent pressed"],
];

it.each(PAIRS.flatMap((pair) => [[pair, day] as const, [pair, night] as const]))(
  "%s can be read",
  (pair, look) => {
    const [text, ground] = pair.split(" ");
    expect(contrast(look[`--${text}`] ?? "", look[`--${ground}`] ?? "")).toBeGreaterThanOrEqual(7);
  },
);

it("night has a colour for each that is a ground or a text by day", () => {
  const fixed = ["--accent", "--pressed", "--practice", "--on-accent"];
  const { length } = Object.keys(day).filter((name) => !fixed.includes(name));
  expect(Object.keys(colours("dark.css"))).toHaveLength(length);
});

it.each([day, night])("a bar of the plan and its frame are seen: 3:1", (look) => {
  const sheet = readFileSync(new URL("controls.css", import.meta.url), "utf-8");
  const bar = /progress::-webkit-progress-value \{\s*background: var\((--[\w-]+)\)/.exec(sheet)?.[1] ?? "";
  for (const [part, ground] of [
    [bar, "--ground"],
    ["--line", "--paper"],
  ] as const)
    expect(contrast(look[part] ?? "", look[ground] ?? "")).toBeGreaterThanOrEqual(3);
});
