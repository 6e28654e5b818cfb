// The language-neutral cases of sync/vectors: the server's tests run the same files.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test as it } from "vitest";
import { amountText, readNumber } from "./amount";
import { type Around, type Entry, isKept, keeping, look, saidOf } from "./checks";
import { digits, grouped, isWhole } from "./code";
import { readDay } from "./day";
import {
  addedTo,
  answer,
  type Contribution,
  combined,
  contributionOf,
  daysToAsk,
  dayToCome,
  figuresOf,
  type Known,
  type Progress,
  progressOf,
  reportedBy,
  sharesOf,
} from "./figures";
import { answeredBy, type Field, follows, type Giving, type Kind } from "./kind";
import { type Lines, lateMarks } from "./late";
import { type Run, unpack } from "./protocol";
import {
  applyChange,
  conflicts,
  editedWhileDeleted,
  type Fields,
  type FieldsChange,
  hidden,
  type ListedWrite,
  lay,
  sideOf,
  submitted,
  type Value,
  type Values,
  value,
  type Write,
} from "./record";
import { type Sums, sharesIn, tally } from "./sums";
import { fold, normal } from "./text";
import { type Decision, view } from "./view";

const NOTHING: Contribution = { amounts: {}, values: {} };
const SYNC = new URL("../../../sync/", import.meta.url);

function load<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, SYNC), "utf-8"));
}

interface RecordCase {
  readonly name: string;
  readonly writes: readonly Write[];
  readonly survivors: Readonly<Record<string, readonly string[]>>;
  readonly values: Readonly<Record<string, Value>>;
  readonly conflicts: readonly string[];
  readonly hidden: boolean;
  readonly edited_while_deleted: boolean;
  readonly submitted: boolean;
}

function ids(fields: Fields): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, alive]) => [name, alive.map((side) => side.id)]),
  );
}

it.each(load<{ cases: RecordCase[] }>("vectors/record.json").cases)("record: $name", (row) => {
  const fields = lay({}, row.writes, "");
  expect(ids(fields)).toEqual(row.survivors);
  expect(Object.fromEntries(Object.keys(row.values).map((name) => [name, value(fields, name)]))).toEqual(
    row.values,
  );
  expect(conflicts(fields)).toEqual(row.conflicts);
  expect(hidden(fields)).toBe(row.hidden);
  expect(editedWhileDeleted(fields)).toBe(row.edited_while_deleted);
  expect(submitted(fields)).toBe(row.submitted);
});

interface ChangeCase {
  readonly name: string;
  readonly held: Readonly<Record<string, readonly ListedWrite[]>>;
  readonly change: FieldsChange;
  readonly after: Readonly<Record<string, readonly string[]>>;
}

it.each(load<{ cases: ChangeCase[] }>("vectors/change.json").cases)("change: $name", (row) => {
  const held = Object.entries(row.held).map(([name, writes]) => [
    name,
    writes.map((write) => sideOf(write, name)),
  ]);
  const after = ids(applyChange(Object.fromEntries(held), row.change));
  // A field without survivors is no field here; the vectors write it as an empty list.
  const wanted = Object.entries(row.after).filter(([, alive]) => alive.length > 0);
  const sorted = Object.entries(after).map(([name, alive]) => [name, alive.sort()]);
  expect(Object.fromEntries(sorted)).toEqual(Object.fromEntries(wanted));
});

interface DecisionCase {
  readonly name: string;
  readonly writes: readonly Write[];
  readonly decision: { readonly verdict: Decision["verdict"] } | null;
  readonly state: string;
  /** What it is shown by, where that is another word. */
  readonly word?: string;
}

const DECIDED = { id: "d", reason: "", fields: [], by: "", at: 0 };

it.each(load<{ cases: DecisionCase[] }>("vectors/decision.json").cases)("decision: $name", (row) => {
  const base = lay({}, row.writes, "");
  // Whether the values differ from the decision's is said by the server, which keeps those (D-2, X-13).
  const amended = row.state === "amended";
  const decision = row.decision && { ...DECIDED, verdict: row.decision.verdict, amended };
  expect(view(base, [], [], decision, "").state).toBe(row.word ?? row.state);
});

interface CheckCase {
  readonly name: string;
  readonly kind: string;
  readonly around: Partial<Around>;
  readonly records: readonly (Omit<Entry, "said_on"> & Partial<Entry>)[];
  readonly found: Readonly<Record<string, readonly { readonly kept: boolean }[]>>;
}

it.each(load<{ cases: CheckCase[] }>("vectors/checks.json").cases)("checks: $name", (row) => {
  const entries = row.records.map((one) => ({ said_on: {}, ...one }));
  const around = { starts_on: "", ends_on: "", photos: {}, ...row.around };
  const found: Record<string, object[]> = {};
  for (const one of look(load<Kind>(`kinds/${row.kind}.json`), entries, around)) {
    const values = entries.find(({ id }) => id === one.record)?.values ?? {};
    const { detail, hits, others } = one;
    const kept = isKept(one, values, [values[`kept/${one.check.id}`] ?? null]);
    const said = { check: one.check.id, said_of: saidOf(one, values), detail, hits, others, kept };
    found[one.record] = [...(found[one.record] ?? []), said];
    // What keeps it: the write that an officer's answer becomes (F-28).
    expect(isKept(one, values, Object.values(keeping([one], values)))).toBe(true);
  }
  expect(found).toEqual(row.found);
});

interface FigureCase {
  readonly kind: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly figures: Readonly<Record<string, number>>;
}

it.each(load<{ cases: FigureCase[] }>("vectors/figures.json").cases)("figures: $kind $values", (row) => {
  expect(figuresOf(contributionOf(load<Kind>(`kinds/${row.kind}.json`), row.values))).toEqual(row.figures);
});

interface AiringsCase extends Omit<Progress, "byDay"> {
  readonly name: string;
  readonly kind: string;
  readonly values: Values;
  readonly until: string;
  readonly by_day: boolean;
  readonly none?: boolean;
}

interface AiringsFile {
  readonly cases: readonly AiringsCase[];
  readonly to_come: readonly {
    readonly set: Values;
    readonly today: string;
    readonly field: string | null;
    readonly ahead: number;
  }[];
  readonly to_ask: readonly {
    readonly schedule: Value;
    readonly today: string;
    readonly days: readonly string[];
  }[];
}

const AIRINGS = load<AiringsFile>("vectors/airings.json");

it.each(AIRINGS.cases)("airings: $name", ({ kind, values, until, none, by_day, name: _, ...wanted }) => {
  const described = load<Kind>(`kinds/${kind}.json`);
  const found = progressOf(described, values, until);
  expect(found).toEqual(none ? null : { ...wanted, byDay: by_day });
  if (!found) return;
  // What counts is what is done, whatever the day.
  const counted = figuresOf(contributionOf(described, { programme: "own", ...values }));
  expect((counted["airings"] ?? 0) + (counted["airings_relay"] ?? 0)).toBe(found.done);
});

it("days to come, days to ask", () => {
  const kind = load<Kind>("kinds/broadcast.json");
  for (const { set, today, field, ahead } of AIRINGS.to_come)
    expect(dayToCome(kind, set, today)).toEqual(field ? { field, ahead } : null);
  for (const { schedule, today, days } of AIRINGS.to_ask) expect(daysToAsk(schedule, today)).toEqual(days);
});

interface SaysCase {
  readonly name: string;
  readonly kind: string;
  readonly values: Readonly<Record<string, Value>>;
  readonly says: readonly string[];
}

// F-33.
it.each(load<{ cases: SaysCase[] }>("vectors/reporting.json").cases)("says: $name", (row) => {
  expect([...reportedBy(load<Kind>(`kinds/${row.kind}.json`), row.values)].sort()).toEqual(
    [...row.says].sort(),
  );
});

// F-34, F-35.
it.each(load<{ answers: (Known & { name: string; answer: string })[] }>("vectors/reporting.json").answers)(
  "answer: $name",
  (row) => {
    expect(answer(row)).toBe(row.answer);
  },
);

interface TotalsCase {
  readonly name: string;
  readonly records: readonly [string, Readonly<Record<string, Value>>][];
  readonly totals: Readonly<Record<string, number>>;
}

it.each(load<{ cases: TotalsCase[] }>("vectors/totals.json").cases)("totals: $name", (row) => {
  const records = row.records.map(([kind, values]) => [load<Kind>(`kinds/${kind}.json`), values] as const);
  const sums: Sums = { "": {} };
  for (const [kind, set] of records) {
    const write = { id: "a", at: 1, record: "a", set: { submitted: true, ...set } };
    const shown = view(lay({}, [write], ""), [], [], null, "");
    tally(sums, kind, { unit: "", campaign: "", view: shown, decision: null }, 1);
  }
  const waiting = Object.keys(row.totals).map((code) => [code, sharesIn(sums[" "] ?? {}, code).waiting]);
  expect(Object.fromEntries(waiting)).toEqual(row.totals);
  expect(figuresOf(together(row.records))).toEqual(row.totals);
});

type Records = readonly [string, Readonly<Record<string, Value>>][];
type Adds = Readonly<Record<string, number>>;

function together(records: Records): Contribution {
  const each = records.map(([kind, values]) => contributionOf(load<Kind>(`kinds/${kind}.json`), values));
  return each.reduce((all, one) => combined(all, one), NOTHING);
}

const adding = load<{
  acts: { name: string; counted: Records; before: Records; after: Records; adds: Adds }[];
  shares: { name: string; parts: Records[]; shares: Adds[] }[];
}>("vectors/contribution.json");

// F-31.
it.each(adding.acts)("an act adds: $name", ({ counted, before, after, adds }) => {
  expect(addedTo(together(counted), combined(together(after), together(before), -1))).toEqual(adds);
});

// F-32.
it.each(adding.shares)("shares: $name", ({ parts, shares }) => {
  expect(sharesOf(parts.map(together))).toEqual(shares);
});

it.each(load<{ cases: { name: string; code: string; whole: boolean }[] }>("vectors/code.json").cases)(
  "code: $name",
  ({ code, whole }) => expect(isWhole(code)).toBe(whole),
);

it("a code as it is shown and typed", () => {
  const rows = load<{ grouped: [string, string][]; digits: [string, string][] }>("vectors/code.json");
  for (const [code, wanted] of rows.grouped) expect(grouped(code)).toBe(wanted);
  for (const [typed, wanted] of rows.digits) expect(digits(typed)).toBe(wanted);
});

it("text", () => {
  const rows = load<{ fold: [string, string][]; normal: [string, string][] }>("vectors/text.json");
  for (const [text, folded] of rows.fold) expect(fold(text)).toBe(folded);
  for (const [text, wanted] of rows.normal) expect(normal(text)).toBe(wanted);
});

it("every code point is folded as on the server", () => {
  const planes = Array.from({ length: 17 }, (_, plane) => {
    const lines = createHash("sha256");
    for (let code = plane << 16; code < (plane + 1) << 16; code++) {
      if (code < 0xd800 || code >= 0xe000) lines.update(`${fold(`a${String.fromCodePoint(code)}e`)}\n`);
    }
    return lines.digest("hex").slice(0, 16);
  });
  expect(planes).toEqual(load<{ fold_planes: string[] }>("vectors/text.json").fold_planes);
});

it("F-17, F-18: amounts as they are typed and shown", () => {
  const rows = load<{
    typed: [string, number, number | string | null][];
    shown: [number, number, string, string][];
  }>("vectors/amounts.json");
  for (const [text, scale, wanted] of rows.typed)
    expect([text, readNumber(text, scale)]).toEqual([text, wanted]);
  for (const [digits, scale, vi, en] of rows.shown)
    expect([amountText({ digits, scale }, ",", "."), amountText({ digits, scale }, ".", ",")]).toEqual([
      vi,
      en,
    ]);
});

it("V-6: a day as it is typed", () => {
  const { typed, this_year } = load<{ this_year: number; typed: [string, string][] }>("vectors/days.json");
  expect(typed.map(([text]) => [text, readDay(text, String(this_year))])).toEqual(typed);
});

interface AnswerCase {
  readonly name: string;
  readonly kind: string;
  readonly field: string;
  readonly value: Value;
  readonly now: Readonly<Record<string, Value>>;
  readonly file: Giving | null;
  readonly sets: Readonly<Record<string, Value>>;
}

it.each(load<{ cases: AnswerCase[] }>("vectors/answers.json").cases)("F-25: $name", (row) => {
  const kind = load<Kind>(`kinds/${row.kind}.json`);
  const field = kind.fields.find(({ name }) => name === row.field) as Field;
  expect(follows(kind, field, row.value, row.now, row.file ?? undefined)).toEqual(row.sets);
});

it("F-25: who answered", () => {
  const field = load<Kind>("kinds/banner.json").fields.find(({ name }) => name === "hotline") as Field;
  const rows = load<{ answered_by: [Record<string, Value>, string][] }>("vectors/answers.json").answered_by;
  expect(rows.map(([values]) => answeredBy(field, values) ?? "")).toEqual(rows.map(([, by]) => by));
});

interface RunsCase {
  readonly name: string;
  readonly results: readonly object[];
  readonly runs: readonly Run[];
}

it.each(load<{ cases: RunsCase[] }>("vectors/runs.json").cases)("runs: $name", (row) => {
  const placeless = ({ unit: _u, campaign: _c, ...said }: Readonly<Record<string, unknown>>) => said;
  expect(unpack(row.runs).map((said) => placeless({ ...said }))).toEqual(
    row.results.map((said) => placeless({ ...said })),
  );
});

interface LateCase extends Lines {
  readonly name: string;
  readonly position: number;
  readonly received: number;
  readonly marks: readonly string[];
}

it.each(load<{ cases: LateCase[] }>("vectors/late.json").cases)("late: $name", (row) => {
  expect(lateMarks(row.position, row.received, row)).toEqual(row.marks);
});
