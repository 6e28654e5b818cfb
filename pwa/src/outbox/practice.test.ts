// The return that the practice plays: over one record of this phone, until that is sent again, and never over a real decision.
import { expect, test as it } from "vitest";
import { ownWrite, phone } from "../db/phone.testing";
import { asPractised, PRACTICE, returnPractice } from "./practice";

const SAID = { by: "Cấp trên (tập dượt)", reason: "Ghi rõ treo ở thôn nào.", fields: ["hamlet"] };

it("the record is shown returned with its reason and mark until it is written to again; others are not", async () => {
  const db = await phone({
    writes: [ownWrite("r", { submitted: true, note: "a" }), ownWrite("s", { submitted: true })],
    records: [{ record: "r" }, { record: "s" }],
  });
  await returnPractice(db, "r", SAID);
  const shown = await asPractised(db, await db.get("records", "r"));
  expect(shown?.decision).toMatchObject({ id: PRACTICE, verdict: "returned", ...SAID });
  expect(shown?.view.state).toBe("returned");
  expect((await asPractised(db, await db.get("records", "s")))?.decision).toBeNull();
  // Nothing of it is in the record itself, nor in what is sent.
  expect((await db.get("records", "r"))?.decision).toBeNull();
  expect(await db.getAll("entries")).toEqual([]);
  await db.put("writes", ownWrite("again", { hamlet: "Thôn 1" }, { record: "r" }));
  expect((await asPractised(db, await db.get("records", "r")))?.decision).toBeNull();
});

it("a real decision stands before it", async () => {
  const real = { id: "d", verdict: "counted", reason: "", fields: [], by: "", at: 1, amended: false };
  const db = await phone({
    writes: [ownWrite("r", { submitted: true })],
    records: [{ record: "r", decision: real }],
  });
  await returnPractice(db, "r", SAID);
  expect((await asPractised(db, await db.get("records", "r")))?.decision?.id).toBe("d");
  expect(await asPractised(db, undefined)).toBeUndefined();
});
