import { expect, test as it } from "vitest";
import { exporting, importing } from "./in-page.ts";

const SCRIPT = "assets/index-1.js";

it("what a file takes of the script in the page comes from a variable, under the names that both know", () => {
  const page = exporting('const a=1,b=2;import("./part-2.js");export{a as t,b};', "/app/assets/");
  expect(page).toBe('const a=1,b=2;import("/app/assets/part-2.js");globalThis.loaShared={t:a,b:b};');
  const part = importing('import{t as e,b}from"./index-1.js";e(b);', [SCRIPT]);
  expect(part).toBe("const{t:e,b:b}=globalThis.loaShared;e(b);");
});

it("a file that takes something of another file fails the build", () => {
  expect(() => importing('import{t as e}from"./other-3.js";', [SCRIPT])).toThrow("other-3.js");
});
