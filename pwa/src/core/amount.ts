// An amount, and how people type numbers (SPEC F-17, F-18): an integer with a scale, so that sums never meet a fraction.
// 12.5 metres are 1250 with scale 2. The server runs the same vectors (sync/vectors/amounts.json).
import { normal } from "./text";

export interface Amount {
  /** The integer that is stored and summed. */
  readonly digits: number;
  /** So many of its digits stand behind the comma. */
  readonly scale: number;
}

/** Why a typed text is not taken as a number. */
export type NotANumber = "number" | "negative" | "two_readings" | "decimals" | "large";

const WHOLE_DIGITS = 13;
const NUMBER =
  /^(?:([1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:,(\d+))?|(\d+)\.(\d{1,2}))$/;
/** 1,200: 1200 to who writes English, 1.2 here. */
const TWO_READINGS = /^[1-9]\d{0,2},\d{3}$/;
const NEGATIVE = /^[-−–]\s*/;

/** The digits of a typed number at this scale, or why it is none; null for an empty text (SPEC F-18). */
export function readNumber(text: string, scale = 0): number | NotANumber | null {
  const bare = normal(text);
  if (bare === "") return null;
  if (NEGATIVE.test(bare) && NUMBER.test(bare.replace(NEGATIVE, ""))) return "negative";
  const found = NUMBER.exec(bare);
  if (!found) return "number";
  if (TWO_READINGS.test(bare)) return "two_readings";
  const [, grouped, comma, plain, point] = found;
  const whole = (grouped ?? plain ?? "").replace(/\D/g, "").replace(/^0+/, "");
  const behind = (comma ?? point ?? "").replace(/0+$/, "");
  if (behind.length > scale) return "decimals";
  if (whole.length > WHOLE_DIGITS) return "large";
  return Number(whole + behind.padEnd(scale, "0"));
}

/** It with these separators; a decimal comma only where something stands behind it. */
export function amountText({ digits, scale }: Amount, comma: string, thousands: string): string {
  const text = String(Math.abs(digits)).padStart(scale + 1, "0");
  const at = text.length - scale;
  const whole = text.slice(0, at).replace(/\B(?=(\d{3})+$)/g, thousands);
  const behind = text.slice(at).replace(/0+$/, "");
  return (digits < 0 ? "-" : "") + whole + (behind && comma + behind);
}
