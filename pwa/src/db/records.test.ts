import { expect, test as it } from "vitest";
import type { Kind } from "../core/kind";
import { lay } from "../core/record";
import type { Catalog } from "./catalog";
import { phone } from "./phone.testing";
import { ensureTotals, sumHere } from "./records";
import { meta } from "./schema";

const figures = [{ code: "banners", label: {}, unit: {}, product: ["quantity"] }];
const kinds = [{ kind: "banner", fields: [], figures } as unknown as Kind];
const HEAD = { kind: "banner", unit: "u", campaign: "c" };

/** As an app wrote it that knew neither `unsent` nor `resubmitted`. */
function row(record: string, state: string, more: object) {
  const write = { id: record, at: 1, record, set: { submitted: true, quantity: 3 } };
  const fields = lay({}, [write], "");
  const view = { fields, state, delivery: undefined, marks: [], hidden: false };
  return {
    ...HEAD,
    record,
    number: "",
    base: {},
    decision: null,
    order: 1,
    day: "",
    view,
    list: ["c", "shown", -1],
    ...more,
  };
}

it("an app before this one kept other sums and states: they are made anew at the first start", async () => {
  const set = { submitted: true, quantity: 3 };
  const own = { id: "new", record: "new", ...HEAD, stream: "u c", state: "pending" };
  const returned = { id: "d", verdict: "returned", reason: "", fields: [], by: "", at: 1, amended: true };
  const { view } = row("new", "waiting", {});
  const db = await phone({
    writes: [{ ...own, wire: { id: "new", at: 1, record: "new", set } }],
    records: [
      row("new", "waiting", { view: { ...view, delivery: "on_phone" } }),
      row("back", "amended", { base: row("back", "", {}).view.fields, decision: returned }),
      row("counted", "counted", {
        base: row("counted", "", {}).view.fields,
        decision: { ...returned, verdict: "counted", amended: false },
      }),
    ],
    meta: {
      catalog: { units: [{ id: "u" }], campaigns: [], kinds, officer: {} },
      sums: { c: { banners: 9, "=waiting": 1, "=amended": 1, "=counted": 1 } },
    },
  });
  await ensureTotals(db);
  const states = (await db.getAll("records")).map((one) => [one.record, one.view.state]);
  expect(Object.fromEntries(states)).toEqual({ new: "unsent", back: "resubmitted", counted: "counted" });
  expect(await meta(db, "totals")).toEqual({
    "u c": {
      "=unsent": 1,
      "unsent banners": 3,
      "=resubmitted": 1,
      "waiting banners": 3,
      "=counted": 1,
      "counted banners": 3,
    },
  });
  expect((await db.get("records", "counted"))?.counted).toEqual({ decision: "d", values: set });
  expect(await db.get("meta", "sums")).toBeUndefined();
});

it("words and totals that an app before this one folded otherwise are made anew at the first start", async () => {
  const write = { id: "a", at: 1, record: "a", set: { submitted: true, note: "Ca\u1ab0\u0315\u0489m" } };
  const fields = lay({}, [write], "");
  const shown = { fields, state: "waiting", delivery: undefined, marks: [], hidden: false };
  const old = {
    record: "a",
    campaign: "c",
    kind: "banner",
    order: 1,
    state: "waiting",
    text: "c\u0489m",
  } as const;
  const db = await phone({
    records: [row("a", "waiting", { view: shown, base: fields })],
    words: [old],
    meta: {
      catalog: { units: [{ id: "u" }], campaigns: [], kinds, officer: {} },
      totals: { c: { "waiting scripts c\u0489m": 1 } },
    },
  });
  await ensureTotals(db);
  expect((await db.getAll("words")).map(({ text }) => text)).toEqual(["cam"]);
  expect(await meta(db, "totals")).toEqual({ "u c": { "=waiting": 1 } });
  const [words, totals] = [await db.getAll("words"), await meta(db, "totals")];
  await db.put("words", old);
  await ensureTotals(db); // this app's own are left as they are
  expect([await db.getAll("words"), await meta(db, "totals")]).toEqual([[old], totals]);
  expect(words).toHaveLength(1);
});

// F-32.
it("two units on one phone have a sum each, as at the desk; what was merged into one is its own", async () => {
  const unit = (id: string, merged_into: string | null = null) => ({ id, name: id, merged_into });
  const units = [unit("u"), unit("other"), unit("old", "u"), unit("older", "old"), unit("far", "nobody")];
  const catalog = { units, campaigns: [], kinds, officer: {} } as unknown as Catalog;
  const records = units.flatMap(({ id }, nth) =>
    Array.from({ length: nth + 1 }, (_, at) => row(`${id}${at}`, "waiting", { unit: id })),
  );
  // As the app before this one kept them: all units together.
  const db = await phone({
    records,
    meta: { catalog, totals: { c: { "=waiting": 15, "waiting banners": 45 } }, reckoned_by: 1 },
  });
  await ensureTotals(db);
  const sum = (of: number | undefined) =>
    sumHere({ db, catalog, unit: of === undefined ? of : catalog.units[of], here: "c" });
  expect(await sum(0)).toEqual({ "=waiting": 1 + 3 + 4, "waiting banners": 3 * (1 + 3 + 4) });
  expect(await sum(1)).toEqual({ "=waiting": 2, "waiting banners": 6 });
  // None of them stands: whose the records are today is not known here.
  expect(await sum(undefined)).toEqual({ "=waiting": 15, "waiting banners": 45 });
});
