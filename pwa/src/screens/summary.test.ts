// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test as it, vi } from "vitest";
import type { Figure, Kind } from "../core/kind";
import { loadTexts } from "../i18n/text";
import vietnamese from "../i18n/vi.json";
import { countedLines, showContribution } from "../ui/show";
import { summaryOf } from "./summary";

const STATES = { waiting: "Chờ duyệt", returned: "Đề nghị bổ sung", unsent: "Chưa gửi" };

async function speak(...tables: readonly object[]): Promise<void> {
  vi.stubGlobal("localStorage", { getItem: () => null });
  const script = Object.assign(document.createElement("script"), {
    id: "sentences",
    type: "application/json",
  });
  script.textContent = JSON.stringify(tables);
  document.head.replaceChildren(script);
  await loadTexts();
  vi.unstubAllGlobals();
}
beforeAll(() => speak(vietnamese, {}, { states: STATES }));
// Tests share what was loaded: others read the keys.
afterAll(() => speak({}, {}, {}));

const figure = (vi: string, unit: string, scale = 0): Figure => ({
  code: vi,
  label: { vi, en: vi },
  unit: { vi: unit, en: unit },
  scale,
});
const none = { counted: 0, waiting: 0, returned: 0, unsent: 0, done: 0 };

// F-32.
it("the message says what was done, and names what is not yet counted", () => {
  const banners = {
    figure: figure("Băng rôn", "chiếc"),
    shares: { ...none, counted: 15, waiting: 6, returned: 2, unsent: 1, done: 21 },
  };
  const metres = {
    figure: figure("Chiều dài băng rôn", "mét", 2),
    shares: { ...none, counted: 1250, done: 1250 },
  };
  const returned = { figure: figure("Giới thiệu 111", "hoạt động"), shares: { ...none, returned: 2 } };
  const silent = { figure: figure("Tờ rơi", "tờ"), shares: none };
  expect(summaryOf("Xã A", [banners, metres, returned, silent])).toBe(
    "Xã A: băng rôn 21 chiếc (6 chờ duyệt; 2 đề nghị bổ sung, chưa tính; 1 chưa gửi, chưa tính), " +
      "chiều dài băng rôn 12,5 mét, giới thiệu 111: 0 hoạt động (2 đề nghị bổ sung, chưa tính).",
  );
});

// F-21.
it("what was aired stands beside what schedules plan, also before a day is confirmed", () => {
  const airings = { figure: figure("Lượt phát", "lượt"), planned: 24 };
  const some = { ...airings, shares: { ...none, counted: 4, waiting: 6, done: 10 } };
  expect(summaryOf("Xã A", [some])).toBe("Xã A: lượt phát: đã phát 10 / dự kiến 24 lượt (6 chờ duyệt).");
  expect(summaryOf("Xã A", [{ ...airings, shares: none }])).toBe(
    "Xã A: lượt phát: đã phát 0 / dự kiến 24 lượt.",
  );
  const all = { ...airings, shares: { ...none, counted: 24, done: 24 } };
  expect(summaryOf("Xã A", [all])).toBe("Xã A: lượt phát 24 lượt.");
});

// F-31.
it("a counted record says what is counted of it, and what its newer contents would change", () => {
  const figures = [
    { ...figure("Băng rôn", "chiếc"), product: ["quantity"] },
    { ...figure("Tin, bài", "tin, bài"), distinct: ["script"] },
  ];
  const kind = { kind: "banner", figures } as unknown as Kind;
  const counted = { quantity: 1200, script: "Tin số 1" };
  expect(countedLines(kind, counted, counted)).toEqual([
    "Đã tính: Băng rôn 1.200 chiếc · Tin, bài 1 tin, bài",
  ]);
  expect(countedLines(kind, counted, { quantity: 1000, script: "tin  SỐ 1" })).toEqual([
    "Đã tính: Băng rôn 1.200 chiếc · Tin, bài 1 tin, bài",
    "Nếu duyệt nội dung mới, số liệu thay đổi: Băng rôn −200 chiếc",
  ]);
  expect(countedLines(kind, {}, { script: "A" })).toEqual([
    "Đã tính: không có số liệu nào",
    "Nếu duyệt nội dung mới, số liệu thay đổi: Tin, bài +1 tin, bài",
  ]);
});

// F-30.
it("a record that nobody decided on says all that it adds: metres, relays and scripts too", () => {
  const read = (kind: string): Kind => JSON.parse(readFileSync(`../sync/kinds/${kind}.json`, "utf8"));
  expect(showContribution(read("banner"), { quantity: 5, metres: 12 })).toBe(
    "Băng rôn 5 chiếc · Chiều dài băng rôn 12 mét",
  );
  const aired = { standing: true, "aired/20210701": 2, "aired/20210702": 1, minutes: 5 };
  expect(showContribution(read("broadcast"), { ...aired, programme: "own", script: "Tin số 1" })).toBe(
    "Lượt phát 3 lượt · Thời lượng phát 15 phút · Tin, bài phát thanh 1 tin, bài",
  );
  expect(showContribution(read("broadcast"), { ...aired, programme: "relay" })).toBe("Lượt tiếp âm 3 lượt");
  expect(showContribution(read("broadcast"), { programme: "relay", standing: true })).toBe("");
});
