// A broadcast in four taps: what the last one said, from today on.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { withMarker } from "../core/figures";
import type { Kind } from "../core/kind";
import type { Values } from "../core/record";
import { phone } from "../db/phone.testing";
import { today } from "../platform/clock";
import { likeLastTime, suggested } from "./drafts";
import { remember } from "./save";

const KIND = {
  kind: "broadcast",
  title: "script",
  fields: [
    { name: "script", type: "text", label: {}, suggest: "scripts" },
    { name: "schedule", type: "schedule", label: {}, required: true },
    { name: "minutes", type: "integer", label: {} },
    { name: "standing", type: "boolean", label: {}, default: true, retired: true },
    { name: "note", type: "text", label: {}, multiline: true },
  ],
  confirm: { schedule: "schedule", when: "standing", register: "aired" },
} as unknown as Kind;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-23T03:00:00Z") });
});
afterEach(() => vi.useRealTimers());

async function after(set?: Values) {
  const db = await phone();
  if (set) await db.atomically(async (tx) => remember(tx, KIND, set));
  return db;
}

const LAST = {
  script: "Tin số 1",
  schedule: { from: "2026-11-01", to: "2026-11-03", times_a_day: 2 },
  minutes: 15,
  note: "chỉ của lần đó",
};

it("the first time it is of today", async () => {
  const db = await after();
  expect(await suggested(db, KIND, "c")).toEqual({
    schedule: { from: today(), to: today() },
    standing: true,
  });
  expect(await likeLastTime(db, KIND)).toBeNull();
});

it("times and minutes hold, as many days from today on; the days that were confirmed are of the last one alone", async () => {
  const schedule = { from: "2026-11-23", to: "2026-11-25", times_a_day: 2 };
  const db = await after({ ...LAST, standing: true, "aired/20261101": 2 });
  expect(await suggested(db, KIND, "c")).toEqual({ schedule, minutes: 15, standing: true });
  expect(await likeLastTime(db, KIND)).toEqual({ script: "Tin số 1", schedule, minutes: 15, standing: true });
});

// F-20.
it("what the last one of an earlier app said of how it counts holds for none that is new", async () => {
  const db = await after({ ...LAST, standing: false });
  const now = (await likeLastTime(db, KIND)) ?? {};
  expect(withMarker(KIND, { id: "a", record: "a", now })["standing"]).toBe(true);
});
