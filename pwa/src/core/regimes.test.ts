import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test as it } from "vitest";
import { type LineVersion, lawOn, printed, type Regimes } from "./regimes";

const SYNC = join(import.meta.dirname, "../../../sync");
const TABLE: Regimes = JSON.parse(readFileSync(join(SYNC, "regimes.json"), "utf-8"));
const VECTORS: Vectors = JSON.parse(readFileSync(join(SYNC, "vectors/regimes.json"), "utf-8"));

interface Vectors {
  readonly category: string;
  readonly versions: readonly LineVersion[];
  readonly cases: readonly {
    readonly name: string;
    readonly day: string;
    readonly benefits: readonly string[];
    readonly steps: readonly string[];
    readonly essential: number;
    readonly updated: string | null;
  }[];
}

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
  expect(essential?.lines.slice(0, 2)).toEqual([
    "Xem xét",
    "từ ngày được tiếp nhận; tiền ăn: không quá 60 ngày",
  ]);
  expect(essential?.lines.at(-1)).toBe("Cần đối chiếu: thời điểm tính, cơ quan, giấy tờ");
  expect(essential?.lines.at(-2)).toMatch(
    /Điều 32 khoản 1 điểm a; Nghị định số 09\/2013\/NĐ-CP \(theo nguồn thứ cấp\)$/,
  );
  const [, , police, commune] = printed(lawOn(TABLE, "2021-07-15")?.steps ?? [], "victim", TABLE.words);
  expect(police?.lines[0]).toBe(
    "từ ngày nhận được yêu cầu của Phòng Lao động - Thương binh và Xã hội; trong 20 ngày",
  );
  expect(police?.lines[2]).toMatch(/Điều 24 \(theo nguồn thứ cấp\)$/);
  expect(commune?.lines[0]).toBe("từ ngày nhận được đơn đề nghị hỗ trợ; trong 03 ngày làm việc");
});

it("under the law of 2011 nothing is promised", () => {
  const lines = ["victim", "minor", "foreigner"].flatMap((category) =>
    benefits("2021-07-15", category).flatMap((row) => row.lines),
  );
  expect(lines.filter((line) => line.includes("Được hưởng"))).toEqual([]);
});

it.each(VECTORS.cases)("F-16: $name", ({ day, benefits: given, steps, essential, updated }) => {
  const law = lawOn(TABLE, day, VECTORS.versions);
  const ids = (rows: Parameters<typeof printed>[0]) =>
    printed(rows, VECTORS.category, TABLE.words).map(({ id }) => id);
  expect(ids(law?.benefits ?? [])).toEqual(given);
  expect(ids(law?.steps ?? [])).toEqual(steps);
  expect(law?.benefits[0]?.limits[0]?.most).toBe(essential);
  expect(law?.updated ?? null).toBe(updated);
});
