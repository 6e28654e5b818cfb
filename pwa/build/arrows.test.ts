import { expect, test as it } from "vitest";
import { arrows } from "./arrows.ts";

it("what an arrow can stand for becomes one, before all else", () => {
  const code =
    "const one = two(1); function two(a, b = 2) { return a + b } async function three() {} one + 1;";
  expect(arrows(code)).toBe(
    "let two=(a, b = 2) =>{ return a + b },three=async() =>{};\nconst one = two(1);\none + 1;",
  );
});

it("what an arrow cannot stand for stays", () => {
  for (const code of [
    "function* one() {}",
    "async function* one() {}",
    "function one() { return this }",
    "function one() { return arguments }",
    "function one() {}\nnew one();",
    "class one {}",
  ]) {
    expect(arrows(code)).toBe(code);
  }
});
