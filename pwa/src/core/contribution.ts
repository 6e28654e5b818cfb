// What records and acts add to the figures: one value for every surface that shows an amount (SPEC F-30 to F-32).
import { contribution, keyOf } from "./figures";
import type { Kind } from "./kind";
import type { Values } from "./write";

type Counts = Readonly<Record<string, number>>;

/** Added and subtracted record by record, so an act is what it counts minus what was counted before. */
export interface Contribution {
  /** By figure, as digits at its scale. */
  readonly amounts: Counts;
  /** Of figures that count different values: how many records have each. */
  readonly values: Readonly<Record<string, Counts>>;
}

const NOTHING: Contribution = { amounts: {}, values: {} };

/** Of one record; the entries of one figure add up (F-4, F-5). */
export function contributionOf(kind: Kind, values: Values): Contribution {
  let amounts: Counts = {};
  const found: Record<string, Counts> = {};
  for (const figure of kind.figures) {
    amounts = joined(amounts, { [figure.code]: contribution(figure, values) }, 1);
    const key = keyOf(figure, values);
    if (key) found[figure.code] = { [key]: 1 };
  }
  return { amounts, values: found };
}

/** Both together; with -1 the first one without the other. */
export function combined(one: Contribution, other: Contribution, sign: 1 | -1 = 1): Contribution {
  const values = { ...one.values };
  for (const [code, counts] of Object.entries(other.values))
    values[code] = joined(values[code] ?? {}, counts, sign);
  return { amounts: joined(one.amounts, other.amounts, sign), values };
}

/** The amount of each figure; different values count once each. */
export function figuresOf({ amounts, values }: Contribution): Counts {
  const different = Object.entries(values).map(([code, counts]) => [
    code,
    Object.values(counts).filter((records) => records > 0).length,
  ]);
  return { ...amounts, ...Object.fromEntries(different) };
}

/** What it adds to figures that count `counted` already: the figures that differ (F-31). */
export function addedTo(counted: Contribution, change: Contribution): Counts {
  const before = figuresOf(counted);
  const after = Object.entries(figuresOf(combined(counted, change)));
  const changed = after.map(([code, amount]) => [code, amount - (before[code] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, amount]) => amount !== 0));
}

/** What each part adds to those before it, so that the shares add up to all together (F-32). */
export function sharesOf(parts: readonly Contribution[]): Counts[] {
  let before = NOTHING;
  return parts.map((part) => {
    const share = addedTo(before, part);
    before = combined(before, part);
    return share;
  });
}

function joined(one: Counts, other: Counts, sign: 1 | -1): Counts {
  const sums = { ...one };
  for (const [name, amount] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + sign * amount;
  return sums;
}
