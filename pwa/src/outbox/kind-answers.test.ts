// SPEC F-39: one answer for a whole kind is a write to each record that has none, and what the next form begins with.
import { readFileSync } from "node:fs";
import { expect, test as it } from "vitest";
import type { Kind } from "../core/kind";
import { type Values, value } from "../core/record";
import { CATALOG, phone } from "../db/phone.testing";
import { type Db, meta } from "../db/schema";
import { suggested } from "./drafts";
import { answerKind } from "./kind-answers";
import { saveDraft } from "./save";

const BANNER: Kind = JSON.parse(
  readFileSync(new URL("../../../sync/kinds/banner.json", import.meta.url), "utf-8"),
);
const YES = { hotline: true, hotline_by: "person" };
const NO = { hotline: false, hotline_by: "person" };

/** A phone with these banners of its own, by id. */
async function withBanners(banners: Readonly<Record<string, Values>>): Promise<Db> {
  const catalog = { ...CATALOG, kinds: [BANNER] };
  const db = await phone({ meta: { catalog } });
  for (const [id, set] of Object.entries(banners)) {
    const making = { id, record: id, kind: "banner", unit: "u", campaign: "c", corrects: [] };
    await saveDraft(db, making, { set: { quantity: 1, submitted: true, ...set }, seen: [] });
  }
  return db;
}

async function hotlineOf(db: Db, ...records: string[]): Promise<unknown[]> {
  const rows = await Promise.all(records.map((record) => db.get("records", record)));
  return rows.map((row) => [
    value(row?.view.fields ?? {}, "hotline"),
    value(row?.view.fields ?? {}, "hotline_by"),
  ]);
}

async function unsaid(db: Db): Promise<number> {
  return (await meta(db, "totals"))?.["u c"]?.["unsaid banner"] ?? 0;
}

it("it is written to each record that nobody answered, and to no other", async () => {
  const db = await withBanners({
    open: {},
    by_design: { hotline: true, hotline_by: "file" },
    said: NO,
    draft: { submitted: null },
    gone: { deleted: true },
  });
  expect(await unsaid(db)).toBe(1);
  expect(await answerKind(db, BANNER, "u", "c", true)).toBe(1);
  expect(await hotlineOf(db, "open", "by_design", "said", "draft", "gone")).toEqual([
    [true, "person"],
    [true, "file"],
    [false, "person"],
    [null, null],
    [null, null],
  ]);
  expect(await unsaid(db)).toBe(0);
  const waiting = (await db.getAll("writes", "record", "open")).at(-1);
  expect([waiting?.state, waiting?.wire.set, waiting?.wire.seen]).toEqual(["pending", YES, undefined]);
});

it("to answer again takes it back, but not what somebody said of one of them since", async () => {
  const db = await withBanners({ one: {}, other: {} });
  expect(await answerKind(db, BANNER, "u", "c", true)).toBe(2);
  const making = { id: "w", record: "other", kind: "banner", unit: "u", campaign: "c", corrects: [] };
  const seen = (await db.getAll("writes", "record", "other")).map(({ id }) => id);
  await saveDraft(db, making, { set: NO, seen });
  expect(await answerKind(db, BANNER, "u", "c", false)).toBe(1);
  expect(await hotlineOf(db, "one", "other")).toEqual([
    [false, "person"],
    [false, "person"],
  ]);
  expect(await answerKind(db, BANNER, "u", "c", null)).toBe(1);
  expect(await hotlineOf(db, "one", "other")).toEqual([
    [null, null],
    [false, "person"],
  ]);
  expect(await unsaid(db)).toBe(1);
});

it("records of another unit, kind or campaign are not written to", async () => {
  const db = await withBanners({});
  for (const [id, other] of Object.entries({
    unit: { unit: "v" },
    campaign: { campaign: "d" },
    kind: { kind: "event" },
  })) {
    const making = { id, record: id, kind: "banner", unit: "u", campaign: "c", corrects: [], ...other };
    await saveDraft(db, making, { set: { submitted: true }, seen: [] });
  }
  expect(await answerKind(db, BANNER, "u", "c", true)).toBe(0);
});

it("it is what the next form of that kind and campaign begins with, until it is not known any more", async () => {
  const db = await withBanners({ one: {} });
  expect(await suggested(db, BANNER, "c")).not.toHaveProperty("hotline");
  await answerKind(db, BANNER, "u", "c", false);
  expect(await suggested(db, BANNER, "c")).toMatchObject(NO);
  expect(await suggested(db, BANNER, "d")).not.toHaveProperty("hotline");
  await answerKind(db, BANNER, "u", "c", null);
  expect(await suggested(db, BANNER, "c")).not.toHaveProperty("hotline");
});

it("what a colleague left in two versions, or the district returned, asks for a look of its own", async () => {
  const db = await phone({
    meta: { catalog: { ...CATALOG, kinds: [BANNER] } },
    records: [
      {
        record: "torn",
        base: { hotline: [side("a", true), side("b", false)], submitted: [side("a", true)] },
      },
      { record: "back", base: { submitted: [side("c", true)] }, decision: returned() },
    ],
  });
  expect(await unsaid(db)).toBe(0);
  expect(await answerKind(db, BANNER, "u", "c", true)).toBe(0);
});

function side(id: string, said: boolean) {
  return { id, at: 1, by: "Bà B", value: said };
}

function returned() {
  return { id: "d", verdict: "returned", reason: "", fields: [], by: "", at: 1, amended: false };
}
