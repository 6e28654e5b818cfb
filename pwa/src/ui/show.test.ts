import { expect, test as it } from "vitest";
import { fieldOf, fileLabel, showValue } from "./show";

const PDF = { name: "Kế hoạch.pdf", sha256: "0" };

it("S-11: a PDF is shown by its name, with whatever kind; another value with parts as it is", () => {
  expect(showValue(fieldOf(undefined, "documents/0"), PDF)).toBe("Kế hoạch.pdf");
  expect(showValue(fieldOf(undefined, "other"), PDF)).toBe(JSON.stringify(PDF));
});

it("a PDF on its way has its name, also where another side took it off; a photo is a photo", () => {
  const side = { id: "a", at: 1, by: "", value: PDF };
  const fields = { "documents/0": [{ ...side, value: null }, side] };
  expect(fileLabel(fields, "documents/0")).toBe("Kế hoạch.pdf");
  expect([fileLabel(fields, "documents/1"), fileLabel(fields, "photos/0")]).toEqual(["document", "photo"]);
});
