// Values as people read them.

import type { Finding } from "../core/checks";
import { addDays } from "../core/day";
import { documentName } from "../core/documents";
import {
  addedTo,
  combined,
  contributionOf,
  figuresOf,
  matches,
  progressOf,
  termsOf,
  timesOf,
  usable,
} from "../core/figures";
import { amountIn, type answeredBy, type Field, type Figure, type Kind } from "../core/kind";
import {
  DOCUMENT_PREFIX,
  type Fields,
  KEPT_PREFIX,
  PHOTO_PREFIX,
  part,
  sides,
  type Value,
  type Values,
} from "../core/record";
import { SHARES, type Share } from "../core/sums";
import { byId, type Campaign } from "../db/catalog";
import { said, shown, t, unitOf, word } from "../i18n/text";
import { isoOf, today } from "../platform/clock";

export function showDay(day: Value | undefined): string {
  return String(day ?? "")
    .split("-")
    .reverse()
    .join("/");
}

/** `30/07/2021 14:05`, the time in Viet Nam. */
export function showTime(time_ms: number): string {
  const [day, clock] = isoOf(time_ms).split("T");
  return `${showDay(day)} ${clock?.slice(0, 5)}`;
}

/** `23/11`: in a list the year says nothing. */
export function showShortDay(day: Value | undefined): string {
  return showDay(day).slice(0, 5);
}

/**
 * What tells a record from others of its title: "2 chiếc · 23/11 · Thôn 5". The first number, day or schedule, and place
 * that the kind asks for, whatever they are called.
 */
export function inBrief(kind: Kind | undefined, values: Values): string {
  const shown = (kind?.fields ?? []).filter(({ name }) => name !== kind?.title && values[name] !== undefined);
  const first = (is: (field: Field) => boolean) => shown.find(is);
  const when = first(({ type }) => type === "date" || type === "schedule");
  const parts = [
    first(({ type, required }) => type === "integer" && required === true),
    when,
    first(({ suggest }) => suggest === "hamlets"),
  ];
  return parts.flatMap((field) => (field ? briefIn(kind, field, values) : [])).join(" · ");
}

/** A number with the unit of the figure that it feeds (a poster is counted in sheets), and how often a day where it is aired. */
function briefIn(kind: Kind | undefined, field: Field, values: Values): string {
  const held = values[field.name];
  if (field.type !== "integer" || typeof held !== "number") return brief(field, held);
  const fed = (kind?.figures ?? []).find(
    (figure) => termsOf(figure).some((fields) => field.name in fields) && matches(figure, values),
  );
  const times = kind?.confirm ? timesOf(values[kind.confirm.schedule]) : 0;
  const text =
    fed && termsOf(fed).length === 1 && !fed.scale
      ? `${shown(held)} ${unitOf(held, fed.unit)}`
      : brief(field, held);
  return times > 0 ? `${shown(times)} x ${text}` : text;
}

function brief(field: Field, value: Value | undefined): string {
  if (field.type === "date") return showShortDay(value);
  if (field.type !== "schedule") return showValue(field, value);
  const [from, to] = [showShortDay(part(value, "from")), showShortDay(part(value, "to"))];
  return from === to ? from : `${from} – ${to}`;
}

/** "Trang sổ nhật ký, tuần 19/07 – 25/07/2021": what a photo shows that is evidence of a week (SPEC P-29). */
export function showLogWeek(monday: Value | undefined): string {
  return t("log_page", { from: showShortDay(monday), to: showDay(addDays(monday, 6)) });
}

/** Who said something, and when. */
export function showSaid({ by, at }: { readonly by: string; readonly at: number }): string {
  return `${by} · ${showTime(at)}`;
}

/** The words a value stands for; of a field this app does not know, the value as it is (SPEC S-11). */
export function showValue(field: Field | undefined, value: Value | undefined, campaign?: Campaign): string {
  if (value === null || value === undefined || value === "") return t("nothing");
  const show = field && SHOWN[field.type];
  if (show) return show(value, field, campaign);
  if (typeof value === "object") return JSON.stringify(value);
  if (field?.type === "integer" && typeof value === "number") {
    const { scale, unit } = field.measure ?? { scale: 0, unit: field.unit };
    const text = `${shown({ digits: value, scale })} ${unitOf(value, unit, scale)}`.trim();
    return usable(value, scale) === value ? text : `${text} (${t("not_added")})`;
  }
  return field?.unit ? `${value} ${unitOf(value, field.unit)}` : String(value);
}

/** Who gave the answer to a yes or no, where no person of today's app did (SPEC F-25). */
export function hintOf(by: ReturnType<typeof answeredBy>): string {
  return by ? t(by === "file" ? "answer_file" : "answer_old") : "";
}

export function fieldOf(kind: Kind | undefined, name: string | undefined): Field | undefined {
  if (name?.startsWith(DOCUMENT_PREFIX)) return { name, type: "document", label: {} };
  return kind?.fields.find((field) => field.name === name);
}

function chosen(value: Value, field: Field, campaign?: Campaign): string {
  return byId(optionsOf(field, campaign), value)?.text || String(value);
}

const SHOWN: Readonly<Record<string, (value: Value, field: Field, campaign?: Campaign) => string>> = {
  boolean: (value) => t(value === true ? "yes" : "no"),
  date: showDay,
  document: documentName,
  choice: chosen,
  slogan: chosen,
  file: chosen,
  ticks: (value, field, campaign) =>
    Object.keys(value ?? {})
      .map((one) => chosen(one, field, campaign))
      .join(", "),
  place: (value) => {
    const degrees = (name: string) => (Number(part(value, name)) / 1e6).toFixed(5);
    return `${degrees("lat_e6")}, ${degrees("lon_e6")} (±${shown(Number(part(value, "accuracy_m")))} m)`;
  },
  schedule: (value) =>
    t("schedule", {
      from: showDay(part(value, "from")),
      to: showDay(part(value, "to")),
      times: Number(part(value, "times_a_day")),
    }),
};

/** Each label once: photos are fields of their own. */
export function fieldLabels(kind: Kind | undefined, names: readonly string[]): string[] {
  return [...new Set(names.map((name) => fieldLabel(kind, name)))];
}

export function fieldLabel(kind: Kind | undefined, name: string): string {
  // One of them, or all of them where a reviewer marked them.
  if (name.startsWith("photos")) return word("fields", "photo");
  if (name.startsWith(DOCUMENT_PREFIX)) return word("fields", "document");
  if (name.startsWith(KEPT_PREFIX)) return word("fields", "kept");
  const [register = "", day = ""] = name.split("/");
  const label = said((fieldOf(kind, name) ?? kind?.registers?.[register])?.label) || word("fields", register);
  return `${label} ${day.replace(/^(\d{4})(\d\d)(\d\d)$/, "$3/$2/$1")}`.trim();
}

/** What a file of a record is called: a PDF has a name of its own. */
export function fileLabel(fields: Fields, field: string): string {
  const document = field.startsWith(DOCUMENT_PREFIX) && sides(fields, field).find((value) => value !== null);
  return document ? documentName(document) : fieldLabel(undefined, field);
}

/** One of what there is to choose from in a field. */
export interface Option {
  readonly id: string;
  readonly text: string;
}

/** The campaign's slogans, its files of one use, or the kind's own choices. */
export function optionsOf({ type, files, choices = [] }: Field, campaign?: Campaign): readonly Option[] {
  if (type === "slogan") return campaign?.slogans ?? [];
  if (type !== "file") return choices.map(({ value, label }) => ({ id: value, text: said(label) }));
  const ours = campaign?.files?.filter((file) => file.use === files) ?? [];
  return ours.map(({ id, title }) => ({ id, text: title }));
}

/** "12,5 mét": an amount as it is stored, with the figure's unit. */
export function showAmount(figure: Figure | undefined, digits: number): string {
  return `${shown(amountIn(figure, digits))} ${unitOf(digits, figure?.unit, figure?.scale)}`.trim();
}

/** "Băng rôn 5 chiếc · Chiều dài băng rôn 12,5 mét". */
export function listed(kind: Kind, figures: Readonly<Record<string, number>>, signed = false): string {
  const each = new Map(kind.figures.map((figure) => [figure.code, figure]));
  return [...each.values()]
    .filter(({ code }) => figures[code])
    .map((figure) => {
      const digits = figures[figure.code] ?? 0;
      const sign = signed ? (digits < 0 ? "−" : "+") : "";
      return `${said(figure.label)} ${sign}${showAmount(figure, Math.abs(digits))}`;
    })
    .join(" · ");
}

/** Of what a record says, all that it adds to the figures if that counts (SPEC F-30). */
export function showContribution(kind: Kind, values: Values): string {
  return listed(kind, figuresOf(contributionOf(kind, values)));
}

/** What a form adds, beside its fields, and stored nowhere (SPEC W-5): "20 lượt, 300 phút", the figures that are products; the others only repeat a field. */
export function showFigures(kind: Kind, values: Values): string {
  const counted = figuresOf(contributionOf(kind, values));
  const products = kind.figures.filter(({ product = [] }) => product.length > 1 || product[0]?.endsWith("*"));
  const codes = new Map(products.map((figure) => [figure.code, figure]));
  return [...codes.values()]
    .filter((figure) => counted[figure.code])
    .map((figure) => showAmount(figure, counted[figure.code] ?? 0))
    .join(", ");
}

/** "Đã phát 4 / dự kiến 24 lượt": plan and done apart; "" for what has no schedule (SPEC F-21). */
export function showProgress(kind: Kind | undefined, values: Values): string {
  const found = progressOf(kind, values, today());
  if (!found?.planned) return "";
  const { byDay, done, planned } = found;
  return byDay ? t("aired_planned", { n: done, all: planned }) : t("aired_by_schedule", { n: planned });
}

/** What a form adds. A schedule counts what is confirmed day by day, and until then tells what is planned. */
export function foretold(kind: Kind, values: Values): string {
  const counted = showFigures(kind, values);
  const { [kind.confirm?.when ?? ""]: byDay, ...once } = values;
  if (counted) return byDay === true ? `${showProgress(kind, values)} = ${counted}` : `= ${counted}`;
  const planned = showFigures(kind, once);
  return planned && t("planned", { planned });
}

/** What an officer keeps (SPEC F-28), each value after its field; of a photo the field alone. */
export function showKept(kind: Kind | undefined, kept: Value, campaign?: Campaign): string {
  if (kept === null || typeof kept !== "object") return showValue(undefined, kept);
  const parts = Object.entries(kept).map(([key, value]) => {
    if (key.startsWith(PHOTO_PREFIX)) return fieldLabel(kind, key);
    const [name = ""] = key.split("/");
    const whole = fieldOf(kind, key) ?? kind?.registers?.[name];
    // A part of a schedule is a day.
    const text = whole ? showValue(fieldOf(kind, key), value, campaign) : showDay(value);
    return `${fieldLabel(kind, whole ? key : name)}: ${text}`;
  });
  return parts.join("; ");
}

/** The sentence of a check, which the desk says in the same words. */
export function sayCheck(kind: Kind, { check, detail, hits }: Finding): string {
  const amount = (of: string | number | undefined, digits: string | number) =>
    typeof digits === "number"
      ? shown({ digits, scale: fieldOf(kind, String(of))?.measure?.scale ?? 0 })
      : showDay(digits);
  const { field, of, had, ...others } = detail;
  const filled: Record<string, string> = {
    hits: shown(hits),
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, amount(field, value)])),
    field: fieldLabel(kind, String(field)),
    of: fieldLabel(kind, String(of)),
    had: amount(of, had ?? ""),
  };
  const sentence = check.says ? said(check.says) : word("checks", check.type);
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => filled[name] ?? "");
}

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

/** What the figures gain or lose where a record says other things: "Lượt phát +2 lượt" (SPEC F-31). */
export function showChange(kind: Kind, before: Values, after: Values): string {
  const was = contributionOf(kind, before);
  return listed(kind, addedTo(was, combined(contributionOf(kind, after), was, -1)), true);
}

/** Of a counted record: what is counted of it, and what its newer contents would change, as the desk says it (SPEC F-31). */
export function countedLines(kind: Kind, counted: Values, held: Values): string[] {
  const then = showChange(kind, counted, held);
  return [
    t("adds_counted", { what: showContribution(kind, counted) || t("adds_none") }),
    ...(then ? [t("adds_offer", { what: then })] : []),
  ];
}
