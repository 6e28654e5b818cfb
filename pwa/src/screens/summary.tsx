// What the unit has done so far in a few lines, to be copied into Zalo or handed on: read off the sums of this phone, without a
// network. Counted and waiting are one number here, for it is what was done; what the district has approved stands beside it.
import type { Amount } from "../core/amount";
import { amountIn } from "../core/kind";
import { amountOf, SHARES } from "../core/sums";
import { meta } from "../db/schema";
import { amid, said, shown, t, unitOf } from "../i18n/text";
import { today } from "../platform/clock";
import { useApp } from "../ui/app-context";
import { useLive } from "../ui/live";
import { notify } from "../ui/notice";
import { showDay } from "../ui/show";

/** What nobody asks for in a message: what follows from another figure. */
export function summaryOf(
  head: string,
  figures: readonly { readonly label: string; readonly amount: Amount; readonly unit: string }[],
): string {
  const parts = figures
    .filter(({ amount }) => amount.digits > 0)
    .map(({ label, amount, unit }) =>
      // "… giới thiệu 111: 3 hoạt động", not "111 3".
      `${label.charAt(0).toLowerCase()}${label.slice(1)}${/\d$/.test(label) ? ":" : ""} ${shown(amount)} ${unit}`.trim(),
    );
  return parts.length > 0 ? `${head}: ${parts.join(", ")}.` : `${head}: ${t("summary_none")}`;
}

export function SummaryScreen() {
  const { db, catalog, campaign, here, unit } = useApp();
  const text = useLive(async () => {
    const sum = (await meta(db, "totals"))?.[here] ?? {};
    const all = new Map(catalog.kinds.flatMap((kind) => kind.figures).map((figure) => [figure.code, figure]));
    const figures = [...all.values()].map((figure) => {
      const done = amountOf(sum, figure.code);
      const amount = SHARES.reduce((all, share) => all + done[share], 0);
      const unit = unitOf(amount, figure.unit, figure.scale);
      return { label: said(figure.label), amount: amountIn(figure, amount), unit };
    });
    const name = unit?.name ?? "";
    const head = t("summary_head", { unit: name, day: showDay(today()).slice(0, 5) });
    return `${campaign?.practice ? `${t("practice")}: ` : ""}${summaryOf(head, figures)}`;
  }, here);
  if (text === undefined) return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => notify(t("summary_copied")),
      () => notify(t("summary_by_hand")),
    );
  return (
    <>
      <h1>{t("summary")}</h1>
      <p>{t("summary_help", { unit: amid(unit?.name ?? "") })}</p>
      <textarea aria-label={t("summary")} rows={8} readOnly value={text} />
      <div class="row">
        <button type="button" class="primary" onClick={() => void copy()}>
          {t("summary_copy")}
        </button>
        {"share" in navigator && (
          <button type="button" onClick={() => void navigator.share({ text }).catch(() => undefined)}>
            {t("summary_share")}
          </button>
        )}
      </div>
      <a class="tap" href="#/give">
        {t("give")}
      </a>
    </>
  );
}
