// What the records of a campaign come to on this phone: how many in each state, and how much of each figure. Kept with
// the views, one addition for each change, so that 5,000 records cost no more to sum up than 50.
import { contribution, keyOf } from "./figures";
import type { Kind } from "./kind";
import { values } from "./record";
import type { View } from "./view";

/**
 * By campaign: `=waiting` is a number of records, `banners` an amount, and `scripts tin so 1` how many records have that
 * value of a figure that counts different ones (SPEC F-5).
 */
export type Sums = Record<string, Sum>;
export type Sum = Record<string, number>;

/** Nobody reports them. */
const NOT_DONE: readonly string[] = ["draft", "deleted", "not_counted"];

/** Adds a record, or takes it away as it was before; an act counts as none (F-6). */
export function tally(
  sums: Sums,
  kind: Kind | undefined,
  { campaign, view }: { readonly campaign: string; readonly view: View | undefined },
  sign: 1 | -1,
): void {
  if (!(kind && view) || kind.act) return;
  sums[campaign] ??= {};
  const sum = sums[campaign];
  const add = (key: string, amount: number) => {
    sum[key] = (sum[key] ?? 0) + sign * amount;
    if (!sum[key]) delete sum[key];
  };
  add(`=${view.state}`, 1);
  if (NOT_DONE.includes(view.state)) return;
  const held = values(view.fields);
  for (const figure of kind.figures) {
    const { code, distinct } = figure;
    add(distinct ? `${code} ${keyOf(figure, held)}` : code, contribution(figure, held));
  }
}

export function amountOf(sum: Sum, code: string): number {
  const different = Object.keys(sum).filter((key) => key.startsWith(`${code} `));
  return (sum[code] ?? 0) + different.length;
}
