// What a record adds, for the eye: computed from what is typed and stored nowhere (SPEC W-5).

import { contributions } from "../core/figures";
import type { Kind } from "../core/kind";
import type { Values } from "../core/write";
import { shown, t, unitOf } from "../i18n/text";

/** "20 lần, 300 phút": the figures that are products; the others only repeat a field. */
export function showFigures(kind: Kind, values: Values): string {
  const counted = contributions(kind, values);
  const products = kind.figures.filter(({ product = [] }) => product.length > 1 || product[0]?.endsWith("*"));
  const codes = new Map(products.map((figure) => [figure.code, figure]));
  return [...codes.values()]
    .filter((figure) => counted[figure.code])
    .map((figure) => `${shown(counted[figure.code] ?? 0)} ${unitOf(counted[figure.code], figure.unit)}`)
    .join(", ");
}

/** The same on a form. A standing schedule counts what is confirmed day by day, and until then tells what is planned. */
export function foretold(kind: Kind, values: Values): string {
  const counted = showFigures(kind, values);
  if (counted) return `= ${counted}`;
  const { [kind.confirm?.when ?? ""]: _, ...once } = values;
  const planned = showFigures(kind, once);
  return planned && t("planned", { planned });
}
