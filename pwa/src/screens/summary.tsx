// What the unit has done so far in a few lines, to be copied into Zalo or handed on: read off the sums of this phone, without a
// network. Counted and waiting are one number, as the server takes them when figures are given in; the rest is named beside it.
import type { Figure } from "../core/kind";
import { plannedIn, SHARES, type Shares, sharesIn } from "../core/sums";
import { sumHere } from "../db/records";
import { amid, said, t } from "../i18n/text";
import { today } from "../platform/clock";
import { useApp } from "../ui/app-context";
import { copy } from "../ui/give";
import { useLive } from "../ui/live";
import { airedOf, besides, showAmount, showDay } from "../ui/show";

/** What nobody asks for in a message: what follows from another figure. */
export function summaryOf(
  head: string,
  figures: readonly { readonly figure: Figure; readonly shares: Shares; readonly planned?: number }[],
): string {
  const parts = figures
    .filter(({ shares, planned }) => planned || SHARES.some((share) => shares[share] > 0))
    .map(({ figure, shares, planned = 0 }) => {
      const label = said(figure.label);
      const rest = besides(shares, figure, "; ");
      // "… giới thiệu 111: 3 hoạt động", not "111 3".
      const aired = airedOf(figure, shares.done, planned);
      const name = `${label.charAt(0).toLowerCase()}${label.slice(1)}${aired || /\d$/.test(label) ? ":" : ""}`;
      return `${name} ${aired || showAmount(figure, shares.done)}${rest && ` (${rest})`}`;
    });
  return parts.length > 0 ? `${head}: ${parts.join(", ")}.` : `${head}: ${t("summary_none")}`;
}

/** The report itself is a page of the desk, where the officer signs in. */
export function UnitReport() {
  const { here, unit } = useApp();
  if (!unit) return null;
  return (
    <a class="tap" href={`/desk/report?unit=${unit.id}&campaign=${here}`} target="_blank" rel="noreferrer">
      {t("report_open")}
    </a>
  );
}

export function SummaryScreen() {
  const app = useApp();
  const { catalog, campaign, here, unit } = app;
  const text = useLive(async () => {
    const sum = await sumHere(app);
    const all = new Map(catalog.kinds.flatMap((kind) => kind.figures).map((figure) => [figure.code, figure]));
    const figures = [...all.values()].map((figure) => ({
      figure,
      shares: sharesIn(sum, figure.code),
      planned: plannedIn(sum, figure.code),
    }));
    const name = unit?.name ?? "";
    const head = t("summary_head", { unit: name, day: showDay(today()).slice(0, 5) });
    return `${campaign?.practice ? `${t("practice")}: ` : ""}${summaryOf(head, figures)}`;
  }, `${here} ${unit?.id}`);
  if (text === undefined) return null;
  return (
    <>
      <h1>{t("summary")}</h1>
      <p>{t("summary_help", { unit: amid(unit?.name ?? "") })}</p>
      <textarea aria-label={t("summary")} rows={8} readOnly value={text} />
      <div class="row">
        <button type="button" class="primary" onClick={() => void copy(text)}>
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
      <UnitReport />
    </>
  );
}
