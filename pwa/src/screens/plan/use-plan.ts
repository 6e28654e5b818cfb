// The plan of the campaign one works in against what is done, its acts, and how many records are in which state: read
// off the sums of this phone, whatever number of records they are of.
import { meta, type RecordRow } from "../../device/db";
import { newest, PAGE } from "../../device/lists";
import { said, t, unitOf, word } from "../../i18n/text";
import { type Planned, planned } from "../../sync/plan";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";

export interface Plan {
  readonly items: readonly (Planned & { readonly label: string; readonly text: string })[];
  readonly acts: readonly RecordRow[];
  /** "1 đề nghị bổ sung · 3 chờ duyệt". */
  readonly states: string;
}

/** In the order in which they need the officer. */
export const STATES = ["returned", "waiting", "amended", "counted", "not_counted", "draft"];

export function usePlan(): Plan | undefined {
  const { db, catalog, campaign, here } = useApp();
  const figures = catalog.kinds.flatMap((kind) => kind.figures);
  return useLive(async () => {
    const sum = (await meta(db, "sums"))?.[here] ?? {};
    const acts = await newest(db, here, "act", PAGE);
    const fields = acts.map((row) => row.view.fields);
    const items = planned(campaign?.expected ?? [], sum, fields).map((item) => {
      const figure = figures.find((one) => one.code === item.figure);
      const label = said(figure?.label) || item.figure;
      const unit = unitOf(item.amount, figure?.unit);
      return {
        ...item,
        label,
        text: item.nil
          ? t("plan_nil", { label })
          : t("plan_item", { label, done: item.done, amount: item.amount, unit }),
      };
    });
    const states = STATES.filter((state) => sum[`=${state}`]);
    return {
      items,
      acts,
      states: states.map((state) => `${sum[`=${state}`]} ${word("states", state).toLowerCase()}`).join(" · "),
    };
  }, here);
}
