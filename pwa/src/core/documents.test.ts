import { expect, test as it } from "vitest";
import { documentsIn, fileName, noPlaceFor, registerName } from "./documents";

const held = {
  "documents/b": { name: "later.pdf", added_at: 2 },
  "documents/a": { name: "first.pdf", added_at: 1 },
  "documents/c": null,
  "photos/d": { added_at: 0 },
  note: "x",
};

it("S-13: in the order in which they were added", () => {
  expect(documentsIn(held).map(([field]) => field)).toEqual(["documents/a", "documents/b"]);
});

it("S-13: one that is held already, or one too many, does not go in; one that was removed may come again", () => {
  expect(noPlaceFor("documents/a", held, 5)).toBe("document_twice");
  expect(noPlaceFor("documents/d", held, 2)).toBe("documents_most");
  expect(noPlaceFor("documents/c", held, 3)).toBeUndefined();
});

it("P-17: a name that is too long keeps its ending, and no blank before it", () => {
  const long = registerName(`${"ế".normalize("NFD").repeat(195)} ${"x".repeat(90)}.PDF`);
  expect(long).toBe(`${"ế".repeat(195)}.PDF`);
  expect(registerName(`${"x".repeat(196)}.pdf`)).toBe(`${"x".repeat(196)}.pdf`);
  expect([...registerName("𝒳".repeat(300))]).toHaveLength(200);
  expect(registerName(" ")).toBe("van-ban.pdf");
});

it("it is saved under a name that says what it is", () => {
  expect(["Kế hoạch.PDF", "Kế hoạch 12/KH"].map((name) => fileName({ name }))).toEqual([
    "Kế hoạch.PDF",
    "Kế hoạch 12/KH.pdf",
  ]);
});
