// The shares of a figure in words: plan, message and giving in say the same of the same (SPEC F-32).
import { addedTo, combined, contributionOf, figuresOf } from "../core/contribution";
import { amountIn, type Figure, type Kind } from "../core/kind";
import { SHARES, type Share } from "../core/sums";
import type { Values } from "../core/write";
import { t, word } from "../i18n/text";
import { listed, showAmount } from "./show";

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

/** "đã phát 4 / dự kiến 24 lượt"; "" where nothing is planned, or all that is planned was aired (SPEC F-21). */
export function airedOf(figure: Figure | undefined, done: number, planned: number): string {
  if (planned === 0 || planned === done) return "";
  return t("plan_aired", { n: amountIn(figure, done), all: showAmount(figure, planned) });
}

/** Of a counted record: what is counted of it, and what its newer contents would change, as the desk says it (SPEC F-31). */
export function countedLines(kind: Kind, counted: Values, held: Values): string[] {
  const before = contributionOf(kind, counted);
  const change = addedTo(before, combined(contributionOf(kind, held), before, -1));
  const then = listed(kind, change, true);
  return [
    t("adds_counted", { what: listed(kind, figuresOf(before)) || t("adds_none") }),
    ...(then ? [t("adds_offer", { what: then })] : []),
  ];
}
