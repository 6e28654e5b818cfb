// Running totals of a unit in a campaign on this phone: records by state, amounts by figure and share. A changed view subtracts
// what it was and adds what it is, so that 5,000 records cost no more than 50.
import { type Contribution, contributionOf, plannedAmounts, reportedBy, sharesOf } from "./figures";
import type { Field, Kind } from "./kind";
import { type Fields, type Values, value, values } from "./record";
import type { Decision, State, View } from "./view";

/**
 * By stream, "unit campaign" (SPEC C-1): `=waiting` is a number of records, `counted banners` an amount of that share, and
 * `counted scripts tin so 1` how many records have that value of a figure that counts different ones (SPEC F-5).
 * `zero banners` is how many records say 0 of it (F-33), `planned airings` what schedules plan (F-21), `unsaid banner` how
 * many records of that kind one answer for the whole kind would be written to (F-39).
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
  readonly unit: string;
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

/** A stream belongs to one unit and campaign (SPEC C-1). */
export function streamOf({ unit, campaign }: Pick<Row, "unit" | "campaign">): string {
  return `${unit} ${campaign}`;
}

/** Of several units in a campaign: of one that others were merged into. */
export function sumOf(sums: Sums, units: readonly string[], campaign: string): Sum {
  const whole: Sum = {};
  for (const unit of units)
    for (const [key, amount] of Object.entries(sums[streamOf({ unit, campaign })] ?? {}))
      whole[key] = (whole[key] ?? 0) + amount;
  return whole;
}

/** Adds a record, or takes it away as it was before; an act counts as none (F-6). */
export function tally(sums: Sums, kind: Kind | undefined, row: Row, sign: 1 | -1): void {
  const { view, counted } = row;
  if (!(kind && view) || kind.act) return;
  const stream = streamOf(row);
  sums[stream] ??= {};
  const sum = sums[stream];
  const add = (key: string, amount: number) => {
    sum[key] = (sum[key] ?? 0) + sign * amount;
    if (!sum[key]) delete sum[key];
  };
  add(`=${view.state}`, 1);
  if (isUnsaid(kind, view)) add(`unsaid ${kind.kind}`, 1);
  const share = shareOf(view, counted);
  if (!share) return;
  const held = counted?.values ?? values(view.fields);
  const { amounts, values: different } = contributionOf(kind, held);
  const distinct = new Set(kind.figures.filter((figure) => figure.distinct).map(({ code }) => code));
  for (const [code, amount] of Object.entries(amounts)) {
    if (!distinct.has(code)) add(`${share} ${code}`, amount);
    for (const value of Object.keys(different[code] ?? {})) add(`${share} ${code} ${value}`, 1);
  }
  for (const code of zeros(kind, held, amounts)) add(`zero ${code}`, 1);
  for (const [code, amount] of Object.entries(planOf(kind, held, share))) add(`planned ${code}`, amount);
}

/** The yes or no with three answers that a kind asks (F-25). */
export function questionOf({ fields }: Kind): Field | undefined {
  return fields.find(({ said_by, retired }) => said_by && !retired);
}

/** F-39: nobody answered it, and it asks for no look of its own: a conflict, a return, what a reviewer does not count. */
export function isUnsaid(kind: Kind, { fields, hidden, marks, state }: View): boolean {
  const question = questionOf(kind);
  if (!question || hidden || marks.length > 0 || ["draft", "returned", "not_counted"].includes(state))
    return false;
  return value(fields, question.name) === null;
}

/** What of a record is in one of the shares: what is counted, or what it says; null of one in none (D-11). */
export function addingOf({ view, counted }: Pick<Row, "view" | "counted">): Values | null {
  return view && shareOf(view, counted) ? (counted?.values ?? values(view.fields)) : null;
}

function shareOf(view: View, counted: Counted | undefined): Share | undefined {
  if (counted) return "counted";
  return view.hidden ? undefined : SHARE_OF[view.state];
}

/** What its schedule plans, of a record that `done` has in it: the plan stands beside that. */
function planOf(kind: Kind, held: Values, share: Share): Contribution["amounts"] {
  return share === "counted" || share === "waiting" ? plannedAmounts(kind, held) : {};
}

/** The figures of which a record says 0. */
function zeros(kind: Kind, held: Values, amounts: Contribution["amounts"]): string[] {
  return [...reportedBy(kind, held)].filter((code) => !amounts[code]);
}

/** A record says something of the figure, if only 0. */
export function isReported(sum: Sum, code: string): boolean {
  const shares = sharesIn(sum, code);
  return Boolean(sum[`zero ${code}`]) || SHARES.some((share) => shares[share] > 0);
}

/** What the schedules plan of which `done` is what was done (F-21). */
export function plannedIn(sum: Sum, code: string): number {
  return sum[`planned ${code}`] ?? 0;
}

/** The shares of a figure, which add up: what each adds to those before it (F-32). `done`: counted and waiting. */
export interface Shares extends Readonly<Record<Share, number>> {
  readonly done: number;
}

export function sharesIn(sum: Sum, code: string): Shares {
  const found = sharesOf(SHARES.map((share) => part(sum, `${share} ${code}`, code)));
  const [counted = 0, waiting = 0, returned = 0, unsent = 0] = found.map((share) => share[code] ?? 0);
  return { counted, waiting, returned, unsent, done: counted + waiting };
}

/** What the running totals hold of one figure in one share. */
function part(sum: Sum, key: string, code: string): Contribution {
  const values = Object.entries(sum)
    .filter(([each]) => each.startsWith(`${key} `))
    .map(([each, records]) => [each.slice(key.length), records] as const);
  const amounts = { [code]: sum[key] ?? 0 };
  return { amounts, values: values.length > 0 ? { [code]: Object.fromEntries(values) } : {} };
}
