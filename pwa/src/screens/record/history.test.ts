// what the server sent stands, what it does not have stands above it, and without it what this phone knows.
import { expect, test as it } from "vitest";
import { type HistoryLine, historyOf } from "../../core/history";
import type { Kind } from "../../core/kind";
import { changesOf } from "./history";

const KIND = {
  fields: [
    { name: "quantity", type: "integer", label: { vi: "Số lượng" }, unit: { vi: "chiếc" } },
    { name: "hotline", type: "boolean", label: { vi: "Có số 111" }, said_by: "hotline_by" },
    { name: "note", type: "text", label: { vi: "Ghi chú" } },
  ],
} as unknown as Kind;

function line(id: string, position: number, more: Partial<HistoryLine> = {}): HistoryLine {
  return {
    ...{ id, position, by: "Chị Hoa", at: position, desk: false, set: {}, replaced: {} },
    ...{ verdict: "", reason: "", fields: [], again: false, reply: "", ...more },
  };
}

const own = (
  id: string,
  state: "pending" | "landed",
  position: number | undefined,
  set: object,
  seen: string[] = [],
) => ({
  ...{ state, position },
  wire: { id, at: 50, record: "r", set: set as Record<string, number>, seen },
});

it("what was sent stands, with what went since and what waits above it", () => {
  const page = { lines: [line("b", 9), line("r", 4)], more: false };
  const writes = [
    own("r", "landed", 4, { quantity: 1 }),
    own("old", "landed", 7, { quantity: 5 }), // on an older page, or purged from what is sent: never twice
    own("c", "landed", 12, { quantity: 2 }),
    own("d", "pending", undefined, { quantity: 3 }),
  ];
  const lines = historyOf({ fields: {}, decision: null, own: writes, me: "Tôi" }, page);
  expect(lines.map(({ id, unsent = false }) => [id, unsent])).toEqual([
    ["d", true],
    ["c", false],
    ["b", false],
    ["r", false],
  ]);
});

it("without a network: what stands, by whom, own writes with what they replaced, the return with its answer", () => {
  const side = (id: string, value: number, by: string) => ({ id, at: 60, by, value });
  const decision = {
    ...{ id: "dec", verdict: "returned" as const, reason: "Ảnh mờ", fields: ["photos"], by: "Huyện", at: 70 },
    ...{ amended: false, reply: { id: "rep", text: "Đã chụp lại", by: "Tôi", at: 80 } },
  };
  const writes = [own("r", "landed", 1, { quantity: 1 }), own("e", "landed", 2, { quantity: 2 }, ["r"])];
  const fields = { quantity: [side("z", 4, "Chị Hoa")] };
  const lines = historyOf({ fields, decision, own: writes, me: "Tôi" });
  expect(lines.map(({ id, by }) => [id, by])).toEqual([
    ["rep", "Tôi"],
    ["dec", "Huyện"],
    ["z", "Chị Hoa"],
    ["r", "Tôi"],
    ["e", "Tôi"],
  ]);
  expect(lines.at(-1)?.replaced).toEqual({ quantity: [1] });
});

it("a change is shown with the value before, and none of the words that only rules need", () => {
  Object.assign(globalThis, { localStorage: { getItem: () => null } });
  const say = (set: HistoryLine["set"], replaced: HistoryLine["replaced"] = {}) =>
    changesOf(line("x", 1, { set, replaced }), KIND);
  expect(say({ submitted: true, hotline_by: "person" })).toEqual([]);
  expect(say({ deleted: true })).toEqual(["history_deleted"]);
  expect(say({ deleted: null, note: "a" }, { deleted: [true] })).toEqual(["history_restored", "Ghi chú: a"]);
  expect(say({ deleted: null })).toEqual([]);
  expect(say({ quantity: 3 }, { quantity: [2] })).toEqual(["Số lượng: 3 chiếc history_was"]);
  expect(say({ note: null }, { note: ["cũ"] })).toEqual(["Ghi chú: history_empty history_was"]);
});
