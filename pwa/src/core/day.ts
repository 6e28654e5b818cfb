// A day as people type it (SPEC V-6). The server runs the same vectors.
import { dayStart } from "./figures";
import { normal } from "./text";

const ISO = /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$/;
const TYPED = /^([0-9]{1,2}) ?[-/. ] ?([0-9]{1,2})(?: ?[-/. ] ?([0-9]{4}|[0-9]{2}))?$/;
const DIGITS = /^([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})?$/;

/** In ISO form; "" for a text that is no day. Without a year it is one of `thisYear`. */
export function readDay(text: string, thisYear: string): string {
  const typed = normal(text);
  const iso = ISO.exec(typed)?.slice(1).reverse();
  const [day = "", month = "", year = thisYear] =
    iso ?? (TYPED.exec(typed) ?? DIGITS.exec(typed))?.slice(1) ?? [];
  const found = [year.length === 2 ? `20${year}` : year, month.padStart(2, "0"), day.padStart(2, "0")].join(
    "-",
  );
  return Number.isNaN(dayStart(found)) || year === "0000" ? "" : found;
}
