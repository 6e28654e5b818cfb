import fc from "fast-check";
import { expect, test as it } from "vitest";
import { precache } from "./precache.ts";

it("the page is held under the address it is opened by, the worker and maps are not held", () => {
  const built = new Map([
    ["index.html", "<html>"],
    ["sw.js", "self"],
    ["assets/a.js", "1"],
    ["assets/a.js.map", "{}"],
  ]);
  expect(precache(built).files).toEqual(["assets/a.js", ""]);
});

it("the version depends on names and contents, never on the order of building", () => {
  const files = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1 }), fc.string()), {
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(files, (entries) => {
      expect(precache(new Map(entries))).toEqual(precache(new Map(entries.toReversed())));
    }),
  );
});

it("one changed byte is another version", () => {
  expect(precache(new Map([["a", "1"]])).version).not.toBe(precache(new Map([["a", "2"]])).version);
});
