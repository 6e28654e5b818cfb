// Running totals of a campaign on this phone: records by state, amounts by figure and share. A changed view subtracts
// what it was and adds what it is, so that 5,000 records cost no more than 50.
import { contribution, contributions, keyOf, says } from "./figures";
import type { Kind } from "./kind";
import { type Fields, values } from "./record";
import type { Decision, State, View } from "./view";
import type { Values } from "./write";

/**
 * By campaign: `=waiting` is a number of records, `counted banners` an amount of that share, and
 * `counted scripts tin so 1` how many records have that value of a figure that counts different ones (SPEC F-5).
 * `zero banners` is how many records say 0 of it (F-33).
 */
export type Sums = Record<string, Sum>;
export type Sum = Record<string, number>;

/** Apart, as in the desk's figures (D-5); what is unsent the desk does not know of. */
export const SHARES = ["counted", "waiting", "returned", "unsent"] as const;
export type Share = (typeof SHARES)[number];

/** Others are in no share: nobody reports them. */
const SHARE_OF: Readonly<Partial<Record<State, Share>>> = {
  counted: "counted",
  waiting: "waiting",
  amended: "waiting",
  resubmitted: "waiting",
  returned: "returned",
  unsent: "unsent",
};

/** The values that a `counted` decision counts (D-5): as they came with it, or as this phone had them. */
export interface Counted {
  readonly decision: string;
  readonly values: Values;
}

interface Row {
  readonly campaign: string;
  /** What the server holds, without own writes on their way. */
  readonly base?: Fields;
  readonly view: View | undefined;
  readonly decision: Decision | null;
  readonly counted?: Counted | undefined;
}

/** What to remember of a record: the counted values, kept while that decision is in force. */
export function countedOf({ base, decision, counted }: Row): Counted | undefined {
  if (decision?.verdict !== "counted") return undefined;
  if (decision.counted) return { decision: decision.id, values: decision.counted };
  if (counted?.decision === decision.id) return counted;
  // D-3: while it is not amended, what the server holds is what was decided on.
  return base && !decision.amended ? { decision: decision.id, values: values(base) } : undefined;
}

/** Adds a record, or takes it away as it was before; an act counts as none (F-6). */
export function tally(sums: Sums, kind: Kind | undefined, row: Row, sign: 1 | -1): void {
  const { campaign, view, counted } = row;
  if (!(kind && view) || kind.act) return;
  sums[campaign] ??= {};
  const sum = sums[campaign];
  const add = (key: string, amount: number) => {
    sum[key] = (sum[key] ?? 0) + sign * amount;
    if (!sum[key]) delete sum[key];
  };
  add(`=${view.state}`, 1);
  const share = counted ? "counted" : view.hidden ? undefined : SHARE_OF[view.state];
  if (!share) return;
  const held = counted?.values ?? values(view.fields);
  for (const figure of kind.figures) {
    const { code, distinct } = figure;
    const key = `${share} ${code}`;
    add(distinct ? `${key} ${keyOf(figure, held)}` : key, contribution(figure, held));
  }
  const added = contributions(kind, held);
  for (const code of says(kind, held)) if (!added[code]) add(`zero ${code}`, 1);
}

/** A record says something of the figure, if only 0. */
export function isReported(sum: Sum, code: string): boolean {
  return Boolean(sum[`zero ${code}`]) || Object.values(amountOf(sum, code)).some((amount) => amount > 0);
}

export function amountOf(sum: Sum, code: string): Readonly<Record<Share, number>> {
  const amount = (share: Share) => {
    const key = `${share} ${code}`;
    const different = Object.keys(sum).filter((each) => each.startsWith(`${key} `));
    return (sum[key] ?? 0) + different.length;
  };
  return {
    counted: amount("counted"),
    waiting: amount("waiting"),
    returned: amount("returned"),
    unsent: amount("unsent"),
  };
}
