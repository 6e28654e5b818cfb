// A form that takes the place of a record which the hub refused (SPEC W-4, G1), over rows in memory.
import { expect, test as it } from "vitest";
import { saveDraft } from "./commit";
import { inMemory } from "./in-memory";

it("what was said by one tap since the form was drawn is said of the record that takes the place", async () => {
  const [created, tapped] = [
    { id: "old", at: 1, record: "old", set: { hamlet: "Tạ Hạ", submitted: true } },
    { id: "tap", at: 2, record: "old", set: { "aired/20210722": 2 }, seen: [] },
  ];
  const row = { record: "old", kind: "broadcast", stream: "u c" };
  const db = inMemory({
    writes: [
      { ...row, id: "old", state: "refused", code: "archived", wire: created },
      { ...row, id: "tap", state: "pending", code: "create_missing", wire: tapped },
    ],
  });
  const seed = { record: "new", kind: "broadcast", unit: "u", campaign: "c" };
  const making = { ...seed, id: "new", corrects: ["old"], replaces: "old" };
  await saveDraft(db, making, { set: { hamlet: "Tạ Thượng", submitted: true }, seen: ["old"] });
  const [only, ...others] = await db.getAll("writes");
  expect(others).toEqual([]);
  expect(only?.wire).toMatchObject({ id: "new", record: "new" });
  expect(only?.wire.set).toEqual({ hamlet: "Tạ Thượng", submitted: true, "aired/20210722": 2 });
});
