// What a victim is to be given, by category and date of reception: rows of `sync/regimes.json`, as the desk prints them.
import type { Label } from "./kind";

interface Limit {
  readonly text: string;
  readonly most: number;
  readonly unit: string;
}

/** A benefit or a step. `check`: its parts that were not compared with the law. */
interface Row {
  readonly id: string;
  readonly letter?: string;
  readonly what: string;
  readonly categories: Readonly<Record<string, string>>;
  readonly start: string;
  readonly limits: readonly Limit[];
  readonly agency: string;
  readonly papers: readonly string[];
  readonly source: string;
  readonly check: readonly string[];
}

interface Category {
  readonly id: string;
  readonly label: Label;
  readonly check: boolean;
}

export interface Law {
  readonly id: string;
  readonly name: Label;
  readonly from: string;
  readonly to: string | null;
  readonly categories: readonly Category[];
  readonly benefits: readonly Row[];
  readonly steps: readonly Row[];
  readonly notes: readonly string[];
}

export interface Regimes {
  readonly words: Readonly<Record<string, string>>;
  readonly laws: readonly Law[];
}

export function lawOn(regimes: Regimes, day: string): Law | undefined {
  return regimes.laws.find(({ from, to }) => from <= day && day <= (to ?? "9"));
}

/** A row as it is printed: lines of text, each part that was not compared with the law marked. */
export interface Printed {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  /** Each has a box of its own. */
  readonly papers: readonly string[];
}

export function printed(rows: readonly Row[], category: string, words: Regimes["words"]): Printed[] {
  const theirs = rows.filter((row) => category in row.categories);
  return theirs.map(({ id, letter, what, categories, start, limits, agency, papers, source, check }) => {
    const mark = (part: string, text: string) => (check.includes(part) ? `${text} ${words["check"]}` : text);
    const grade = words[categories[category] ?? ""];
    return {
      id,
      title: mark("what", letter ? `${letter}) ${what}` : what),
      lines: [
        ...(grade ? [mark("grade", grade)] : []),
        mark("start", start),
        ...limits.map(({ text, most, unit }) =>
          mark("limit", `${text} ${words[unit]?.replace("{n}", String(most).padStart(2, "0"))}`),
        ),
        mark("agency", agency),
        mark("source", source),
      ],
      papers: papers.map((paper) => mark("papers", paper)),
    };
  });
}
