import { expect, test as it } from "vitest";
import { KIND } from "../../db/phone.testing";
import type { DraftRow, RecordRow } from "../../db/schema";
import { otherSides, unreadText } from "./remarks";

it("what a form corrects is its own, not what others wrote", () => {
  const side = (id: string) => ({ id, at: 1, by: "xa1", value: id });
  const row = { view: { fields: { script: [side("mine"), side("theirs")] } } } as unknown as RecordRow;
  const draft = { drawn: { values: {}, seen: {} }, corrects: ["mine"] } as unknown as DraftRow;
  expect(otherSides(draft, row, "script").map(({ id }) => id)).toEqual(["theirs"]);
});

it("a PDF among photos: a kind that takes documents has its own button for it", () => {
  expect(unreadText({ ...KIND, documents: { max: 5 } }, "photo_pdf")).toBe("photo_pdf_add");
  expect(unreadText(KIND, "photo_pdf")).toBe("photo_pdf");
  expect(unreadText({ ...KIND, documents: { max: 5 } }, "photo_heic")).toBe("photo_heic");
});
