// What a victim is to be given, by category and date of reception: rows of `sync/regimes.json`, and versions of them that the
// server took over (SPEC F-15, F-16), as the desk prints them.
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
  /** How the articles were read; lines that were taken over before there were states have none. */
  readonly source_state?: string;
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
  /** What of the law itself was not compared with it. */
  readonly check: readonly string[];
  readonly categories: readonly Category[];
  readonly benefits: readonly Row[];
  readonly steps: readonly Row[];
  readonly notes: readonly string[];
}

export interface Regimes {
  readonly words: Readonly<Record<string, string>>;
  readonly laws: readonly Law[];
}

/** A line of a law for receptions of some days; `taken`: the day on which the server took it over. */
export interface LineVersion {
  readonly law: string;
  readonly kind: "benefit" | "step";
  readonly since: string;
  readonly until: string;
  readonly taken: string;
  readonly row: Row;
}

/** The law of a day with its lines as they are then; `updated`: the day of the newest version among them. */
export function lawOn(
  regimes: Regimes,
  day: string,
  versions: readonly LineVersion[] = [],
): (Law & { readonly updated: string | undefined }) | undefined {
  const law = regimes.laws.find(({ from, to }) => from <= day && day <= (to ?? "9"));
  if (!law) return;
  const newer = versions.filter((one) => one.law === law.id && one.since <= day && day <= one.until);
  const current = (rows: readonly Row[], kind: LineVersion["kind"]) => {
    const found = new Map(rows.map((row) => [row.id, row]));
    for (const one of newer) if (one.kind === kind) found.set(one.row.id, one.row);
    return [...found.values()];
  };
  const benefits = current(law.benefits, "benefit");
  return {
    ...law,
    benefits,
    steps: current(law.steps, "step"),
    updated: newer
      .map((one) => one.taken)
      .sort()
      .at(-1),
  };
}

/** A row as it is printed: lines of text, the last of them what is to be compared with the law. */
export interface Printed {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  /** Each has a box of its own. */
  readonly papers: readonly string[];
}

export function printed(rows: readonly Row[], category: string, words: Regimes["words"]): Printed[] {
  const theirs = rows.filter((row) => category in row.categories);
  return theirs.map(
    ({ id, letter, what, categories, start, limits, agency, papers, source, source_state, check }) => {
      const parts = check.map((part) => words[`part_${part}`]).join(", ");
      return {
        id,
        title: letter ? `${letter}) ${what}` : what,
        lines: [
          words[categories[category] ?? ""],
          [start, ...limits.map((limit) => limitText(limit, words))].join("; "),
          agency,
          source_state ? `${source} (${words[`state_${source_state}`]})` : source,
          parts && words["check_parts"]?.replace("{parts}", parts),
        ].flatMap((line) => line || []),
        papers,
      };
    },
  );
}

function limitText({ text, most, unit }: Limit, words: Regimes["words"]): string {
  return `${text} ${words[unit]?.replace("{n}", String(most).padStart(2, "0"))}`;
}
