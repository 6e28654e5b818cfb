// What every input of a form is given. An input shows a value and tells a new one; it keeps nothing of its own.

import { readNumber } from "../../core/amount";
import { dayStart } from "../../core/day";
import type { Field } from "../../core/kind";
import { part, type Scalar, type Value } from "../../core/record";
import type { Campaign } from "../../db/catalog";
import { t } from "../../i18n/text";

export interface FieldProps {
  readonly field: Field;
  readonly id: string;
  readonly value: Value;
  readonly set: (value: Value) => void;
  /** Texts offered while typing, or slogans used before, last first. */
  readonly recent: readonly string[];
  /** Of the record: whose slogans and files are offered. */
  readonly campaign: Campaign | undefined;
  /** What a screen reader says of it: required, in doubt, and where that is said. */
  readonly aria: Aria;
  /** The shutter was pressed before there was a fix: take the first that comes. */
  readonly seeking: boolean;
}

export interface Aria {
  readonly "aria-required"?: boolean | undefined;
  readonly "aria-invalid"?: boolean | undefined;
  readonly "aria-describedby"?: string | undefined;
}

/** A value of several parts with one set, or taken away by null; without a part left there is none. */
export function withPart(value: Value, name: string, to: Value): Value {
  const { [name]: _, ...others } = value !== null && typeof value === "object" ? value : {};
  const next = to === null ? others : { ...others, [name]: to as Scalar };
  return Object.keys(next).length > 0 ? next : null;
}

/** An empty input is no value. */
export function typed(event: { readonly currentTarget: { readonly value: string } }): string | null {
  return event.currentTarget.value || null;
}

/** What is said of a text that is no number (SPEC F-18); "" of one that is, and of anything else. */
export function whyUnread(text: Value | undefined, scale = 0): string {
  const why = typeof text === "string" ? readNumber(text, scale) : null;
  if (why === null || typeof why === "number") return "";
  if (why === "decimals" && scale > 0) return t("unread_too_fine", { text: String(text), n: scale });
  if (why !== "two_readings")
    return t(UNREAD[why], { text: String(text), example: scale ? "12,5" : "1.200" });
  const [whole, behind] = String(text).split(",");
  return t("unread_two_readings", {
    text: String(text),
    whole: Number(`${whole}${behind}`),
    decimal: Number(`${whole}.${behind}`),
  });
}

const UNREAD = {
  number: "unread_number",
  negative: "unread_negative",
  decimals: "unread_decimals",
  large: "unread_large",
} as const;

/** What is said of a text that is no day (SPEC V-6). */
export function whyNoDay(value: Value | undefined): string {
  const text = typeof value === "string" ? value : "";
  return text && Number.isNaN(dayStart(text)) ? t("unread_day", { text, example: "05/08/2021" }) : "";
}

/** The same of a field's value, or of its parts that are a number or days. */
export function unreadIn(field: Field, value: Value | undefined): string {
  if (field.type === "date") return whyNoDay(value);
  if (field.type === "schedule") {
    const days = [part(value, "from"), part(value, "to")].map(whyNoDay);
    return days.filter(Boolean).join(" ") || whyUnread(part(value, "times_a_day"));
  }
  return field.type === "integer" ? whyUnread(value, field.measure?.scale) : "";
}
