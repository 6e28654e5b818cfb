import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test as it } from "vitest";
import { lawOn, printed, type Regimes } from "./regimes";

const TABLE: Regimes = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../../sync/regimes.json"), "utf-8"),
);

function benefits(day: string, category: string) {
  return printed(lawOn(TABLE, day)?.benefits ?? [], category, TABLE.words);
}

it("the day of reception chooses the law", () => {
  const names = ["2011-12-31", "2021-07-15", "2025-06-30", "2025-07-01", "2030-01-01"];
  expect(names.map((day) => lawOn(TABLE, day)?.id)).toEqual([undefined, "2011", "2011", "2024", "2024"]);
});

it("each category has its rows and no other", () => {
  expect(benefits("2021-07-15", "victim").length).toBe(6);
  expect(benefits("2025-07-01", "victim").length).toBe(10);
  expect(benefits("2025-07-01", "identified_abroad").map(({ title }) => title[0])).toEqual([
    "a",
    "b",
    "c",
    "d",
  ]);
  expect(benefits("2021-07-15", "identified_abroad")).toEqual([]);
});

it("what was not compared with the law is marked, and limits keep their unit", () => {
  const [essential] = benefits("2021-07-15", "victim");
  expect(essential?.lines[0]).toBe("Xem xét (cần đối chiếu)");
  expect(essential?.lines).toContain("tiền ăn: không quá 60 ngày");
  expect(essential?.papers).toEqual(["Đơn đề nghị hỗ trợ (cần đối chiếu)"]);
  const [commune] = printed(lawOn(TABLE, "2021-07-15")?.steps ?? [], "victim", TABLE.words);
  expect(commune?.lines).toContain("trong 03 ngày làm việc");
  expect(commune?.lines[0]).toBe("từ ngày nhận đủ hồ sơ (cần đối chiếu)");
});

it("under the law of 2011 nothing is promised", () => {
  const lines = ["victim", "minor", "foreigner"].flatMap((category) =>
    benefits("2021-07-15", category).flatMap((row) => row.lines),
  );
  expect(lines.filter((line) => line.includes("Được hưởng"))).toEqual([]);
});
