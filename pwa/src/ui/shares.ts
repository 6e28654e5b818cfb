// The shares of a figure in words: plan, message and giving in say the same of the same (SPEC F-32).
import type { Amount } from "../core/amount";
import type { Figure } from "../core/kind";
import { SHARES, type Share } from "../core/sums";
import { shown, t, unitOf, word } from "../i18n/text";

/** Of one figure; a server knows of nothing unsent. */
export type Parts = Readonly<Partial<Record<Share, number>>>;

export function amountOf(digits: number, figure: Figure | undefined): Amount {
  return { digits, scale: figure?.scale ?? 0 };
}

/** "21 chiếc". */
export function quantity(digits: number, figure: Figure | undefined): string {
  const { scale } = amountOf(digits, figure);
  return `${shown(amountOf(digits, figure))} ${unitOf(digits, figure?.unit, scale)}`.trim();
}

/** "6 chờ duyệt · 2 đề nghị bổ sung, chưa tính": what is named beside a number. Only what waits is ever part of one. */
export function besides(parts: Parts, figure: Figure | undefined, between = " · "): string {
  return SHARES.filter((share) => share !== "counted" && (parts[share] ?? 0) > 0)
    .map((share) => {
      const state = word("states", share).toLowerCase();
      const n = amountOf(parts[share] ?? 0, figure);
      return t(share === "waiting" ? "plan_share" : "plan_share_apart", { n, state });
    })
    .join(between);
}
