// What an act offers to take it back, what a list says of a record.
import { expect, test as it } from "vitest";
import { type Field, isAsked, isSaidByFile, type Kind } from "../core/kind";
import type { Fields, Values } from "../core/record";
import { found } from "../db/records";
import type { WordsRow } from "../db/schema";
import { inBrief } from "../ui/show";
import { otherSide } from "./act";
import { noteWith } from "./home/aired-today";

const side = (id: string, value: string | number, at = 1) => ({ id, at, by: id, value });
const KIND = {
  title: "slogan",
  fields: [
    { name: "slogan", type: "slogan", label: {}, required: true },
    { name: "quantity", type: "integer", label: {}, unit: { vi: "chiếc" }, required: true },
    { name: "metres", type: "integer", label: {} },
    { name: "put_up_on", type: "date", label: {} },
    { name: "hamlet", type: "text", label: {}, suggest: "hamlets" },
    { name: "note", type: "text", label: {}, multiline: true, max_length: 40 },
  ],
} as unknown as Kind;

it("of two who differed the other side is offered; of one or three nothing is", () => {
  const fields: Fields = { note: [side("a", "một"), side("b", "hai")] };
  expect(otherSide(fields, { note: "một" })).toEqual({ note: "hai" });
  expect(otherSide({ note: [side("a", "một")] }, { note: "hai" })).toBeUndefined();
  const three = { note: [...(fields["note"] ?? []), side("c", "ba")] };
  expect(otherSide(three, { note: "một" })).toBeUndefined();
  expect(otherSide(fields, { note: "một; hai" })).toBeUndefined();
});

it.each<[Values, string]>([
  [
    { slogan: "s1", quantity: 2, metres: 9, put_up_on: "2026-11-23", hamlet: "Thôn 5" },
    "2 chiếc · 23/11 · Thôn 5",
  ],
  [{ slogan: "s1", put_up_on: "2026-11-23" }, "23/11"],
  [{ slogan: "s1" }, ""],
])("a row tells apart what shares a slogan: %j", (values, brief) => {
  // The unit has its catalogue's words in Vietnamese only; node has no page to choose a language in.
  vi_only();
  expect(inBrief(KIND, values)).toBe(brief);
});

it("a row says its number in the unit of the figure that it feeds, and how often a day it is aired", () => {
  vi_only();
  const kind = (field: object, more: object) =>
    ({
      title: "x",
      fields: [{ name: "n", type: "integer", label: {}, required: true, ...field }],
      ...more,
    }) as never;
  const figures = [
    { code: "panels", label: {}, unit: { vi: "chiếc" }, product: ["n"], where: { form: "panel" } },
    { code: "posters", label: {}, unit: { vi: "tờ" }, product: ["n"], where: { form: "poster" } },
  ];
  expect(inBrief(kind({ unit: { vi: "chiếc" } }, { figures }), { n: 500, form: "poster" })).toBe("500 tờ");
  expect(inBrief(kind({}, { figures }), { n: 2, form: "panel" })).toBe("2 chiếc");
  const confirm = { schedule: "schedule", when: "standing", register: "aired" };
  const schedule = { from: "2021-07-21", to: "2021-07-30", times_a_day: 2 };
  const aired = kind({ unit: { vi: "phút" } }, { figures: [], confirm });
  expect(inBrief(aired, { n: 5, schedule })).toBe("2 x 5 phút");
});

function vi_only(): void {
  Object.assign(globalThis, { localStorage: { getItem: () => null } });
}

it("why fewer were aired goes to the note, where there is room", () => {
  expect(noteWith(KIND, { note: [side("a", "cũ")] }, "mất điện")).toEqual({ note: "cũ\nmất điện" });
  expect(noteWith(KIND, {}, "a".repeat(41))).toEqual({});
});

it("a search by days takes both ends, and knows no day of rows from before", () => {
  const row = (record: string, on?: string) => ({ record, text: "", state: "waiting", kind: "banner", on });
  const rows = [row("a", "2026-11-01"), row("b", "2026-11-05"), row("c")] as unknown as WordsRow[];
  const asked = { text: "", state: "", kind: "" };
  const ids = (from: string, to: string) => found(rows, { ...asked, from, to }).map(({ record }) => record);
  expect(ids("2026-11-01", "2026-11-01")).toEqual(["a"]);
  expect(ids("2026-11-02", "")).toEqual(["b"]);
  expect(ids("", "2026-11-05")).toEqual(["a", "b"]);
  expect(ids("", "")).toEqual(["a", "b", "c"]);
});

it("the script is asked for once: a chosen file says its title, another title is shown", () => {
  const script = { name: "script" } as unknown as Field;
  const kind = { fields: [{ name: "script_file", fills: "script" }, script] } as unknown as Kind;
  const files = [{ id: "f", title: "Bài 1" }];
  expect(isSaidByFile(kind, script, { script_file: "f", script: "Bài 1" }, files)).toBe(true);
  expect(isSaidByFile(kind, script, { script_file: "f", script: "Bài 1, rút gọn" }, files)).toBe(false);
  expect(isSaidByFile(kind, script, { script: "Bài 1" }, files)).toBe(false);
  expect(isSaidByFile(kind, script, { script_file: "gone", script: "Bài 1" }, files)).toBe(false);
});

it("a field is asked for while another holds its value; what was entered stays", () => {
  const field = { name: "organiser", shown_where: { role: "co_organiser" } } as unknown as Field;
  expect(isAsked(field, { role: "host" })).toBe(false);
  expect(isAsked(field, { role: "co_organiser" })).toBe(true);
  expect(isAsked(field, { role: "host", organiser: "Hội Phụ nữ" })).toBe(true);
});
