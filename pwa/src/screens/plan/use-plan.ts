// The plan of the unit in the campaign one works in against what is done, its acts, and how many records are in which state: read
// off the sums of this phone, whatever number of records they are of.

import { amountIn } from "../../core/kind";
import { type Planned, planned } from "../../core/plan";
import { plannedIn, SHARES } from "../../core/sums";
import { wholeOf } from "../../db/catalog";
import { newest, PAGE } from "../../db/queries";
import { sumHere } from "../../db/records";
import type { RecordRow } from "../../db/schema";
import { said, shown, t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { airedOf, besides, showAmount } from "../../ui/show";

export interface Plan {
  readonly items: readonly (Planned & {
    readonly label: string;
    /** What is counted of the plan. */
    readonly text: string;
    /** "đã phát 4 / dự kiến 24 lượt · 31 chờ duyệt": plan and done of schedules, then what is not counted, never added to it. */
    readonly rest: string;
    /** Nothing of it was ever recorded. */
    readonly none: boolean;
  })[];
  readonly acts: readonly RecordRow[];
  /** "1 đề nghị bổ sung · 3 chờ duyệt". */
  readonly states: string;
}

/** Before the name of a kind that a link to the search asks for. */
export const OF_KIND = "kind-";

/** In the order in which they need the officer. */
export const STATES = [
  "returned",
  "unsent",
  "waiting",
  "resubmitted",
  "amended",
  "counted",
  "not_counted",
  "draft",
];

export function usePlan(): Plan | undefined {
  const app = useApp();
  const { db, catalog, campaign, here, unit } = app;
  const figures = catalog.kinds.flatMap((kind) => kind.figures);
  return useLive(async () => {
    const sum = await sumHere(app);
    const units = wholeOf(catalog.units, unit);
    const acts = (await newest(db, here, "act", PAGE)).filter((row) => units.includes(row.unit));
    const fields = acts.map((row) => row.view.fields);
    const items = planned(campaign?.expected ?? [], sum, fields).map((item) => {
      const figure = figures.find((one) => one.code === item.figure);
      const label = said(figure?.label) || item.figure;
      const { done } = item;
      const none = SHARES.every((share) => done[share] === 0);
      const rest = [airedOf(figure, done.done, plannedIn(sum, item.figure)), besides(done, figure)];
      return {
        ...item,
        label,
        text:
          item.answer === "nil"
            ? t("plan_nil", { label })
            : item.answer === "unreported"
              ? t("plan_unreported", { label, amount: showAmount(figure, item.amount) })
              : t("plan_item", {
                  label,
                  done: amountIn(figure, done.counted),
                  amount: showAmount(figure, item.amount),
                }),
        rest: [item.nil && item.answer !== "nil" && t("nil").toLowerCase(), ...rest]
          .filter(Boolean)
          .join(" · "),
        none,
      };
    });
    const states = STATES.filter((state) => sum[`=${state}`]);
    return {
      items,
      acts,
      states: states
        .map((state) => `${shown(sum[`=${state}`] ?? 0)} ${word("states", state).toLowerCase()}`)
        .join(" · "),
    };
  }, `${here} ${unit?.id}`);
}
