import { expect, test as it } from "vitest";
import { inSheet, onScreen, shortClasses } from "./classes.ts";

const SHEET = ".item:has(.chip) > p, .warn { margin: 0.5rem } .returned {} .thumb {} .marked.field {}";
const SCREEN = `
  <a class="item" href="item"><i class={\`chip \${item}\`} /><i class="chip warn" />
  <img class="picture thumb" /><div class={marked ? "field marked" : "field"} />
  <Section look="item" />
`;
const SHORT = shortClasses(SHEET, SCREEN);

it("what screens give as it stands is shortened, what data says or no sheet names is not", () => {
  expect([...SHORT]).toEqual([
    ["item", "e"],
    ["chip", "t"],
    ["field", "n"],
    ["warn", "r"],
    ["marked", "i"],
  ]);
});

it("a class, or its letters, that data says too ends the build", () => {
  const made = (sheet: string, states: string[] = []) => shortClasses(sheet, SCREEN, states);
  expect(() => made(".item {}", ["item"])).toThrow(
    "The class item cannot be e for short: data says item too.",
  );
  expect(() => made(".item {}", ["e"])).toThrow("data says e too");
  expect(() => made(".item {} .e {}")).toThrow("data says e too");
});

it("in selectors and in classes, and nowhere else", () => {
  expect(inSheet(SHEET, SHORT)).toBe(".e:has(.t) > p, .r { margin: 0.5rem } .returned {} .thumb {} .i.n {}");
  const screen = onScreen(SCREEN, SHORT);
  expect(screen).toContain(`<a class="e" href="item"><i class={\`t \${item}\`} /><i class="t r" />`);
  expect(screen).toContain('<img class="picture thumb" /><div class={marked ? "n i" : "n"} />');
  expect(screen).toContain('<Section look="e" />');
});
