// The shares of a figure in words: plan, message and giving in say the same of the same (SPEC F-32).
import { amountIn, type Figure } from "../core/kind";
import { SHARES, type Share } from "../core/sums";
import { t, word } from "../i18n/text";

/** "6 chờ duyệt · 2 đề nghị bổ sung, chưa tính": what is named beside a number. Only what waits is ever part of one. */
export function besides(
  shares: Readonly<Partial<Record<Share, number>>>,
  figure: Figure | undefined,
  between = " · ",
): string {
  return SHARES.filter((share) => share !== "counted" && (shares[share] ?? 0) > 0)
    .map((share) => {
      const state = word("states", share).toLowerCase();
      const n = amountIn(figure, shares[share] ?? 0);
      return t(share === "waiting" ? "plan_share" : "plan_share_apart", { n, state });
    })
    .join(between);
}
