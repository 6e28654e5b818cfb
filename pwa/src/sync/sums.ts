// What the records of a campaign come to on this phone: how many in each state, and how much of each figure. Kept with
// the views, one addition for each change, so that 5,000 records cost no more to sum up than 50.
import { contributions } from "./figures";
import type { Kind } from "./kind";
import { values } from "./record";
import type { View } from "./view";

/** By campaign: `=waiting` is a number of records, `banners` an amount of a figure. */
export type Sums = Record<string, Record<string, number>>;

/** Nobody reports them. */
const NOT_DONE: readonly string[] = ["draft", "deleted", "not_counted"];

/** Adds a record, or takes it away as it was before; an act counts as none. */
export function tally(
  sums: Sums,
  kind: Kind | undefined,
  { campaign, view }: { readonly campaign: string; readonly view: View | undefined },
  sign: 1 | -1,
): void {
  if (!(kind && view) || kind.act) return;
  sums[campaign] ??= {};
  const sum = sums[campaign];
  const done = NOT_DONE.includes(view.state) ? {} : contributions(kind, values(view.fields));
  for (const [key, amount] of Object.entries({ ...done, [`=${view.state}`]: 1 })) {
    sum[key] = (sum[key] ?? 0) + sign * amount;
  }
}
