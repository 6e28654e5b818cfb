import { expect, test as it } from "vitest";
import type { DraftRow, RecordRow } from "../../db/schema";
import { otherSides } from "./remarks";

it("what a form corrects is its own, not what others wrote", () => {
  const side = (id: string) => ({ id, at: 1, by: "xa1", value: id });
  const row = { view: { fields: { script: [side("mine"), side("theirs")] } } } as unknown as RecordRow;
  const draft = { drawn: { values: {}, seen: {} }, corrects: ["mine"] } as unknown as DraftRow;
  expect(otherSides(draft, row, "script").map(({ id }) => id)).toEqual(["theirs"]);
});
