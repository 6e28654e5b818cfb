// What a form says beside its fields: what a reviewer marked, what the hub refused, what came while it was open.
import type { DraftRow, RecordRow, WriteRow } from "../../device/db";
import { said, sentence, t } from "../../i18n/text";
import type { Kind } from "../../sync/kind";
import { PHOTO_PREFIX, type Side } from "../../sync/record";
import { normal } from "../../sync/text";
import type { Values } from "../../sync/write";
import type { App } from "../../ui/app-context";
import { showValue } from "../../ui/show";

/** Sides of a field that were not on the screen when the form was drawn, or that already disagreed then. */
export function otherSides(draft: DraftRow, row: RecordRow | undefined, field: string): readonly Side[] {
  const alive = row?.view.fields[field] ?? [];
  const seen = draft.drawn.seen[field] ?? [];
  const fresh = alive.filter((side) => !seen.includes(side.id));
  return fresh.length > 0 ? fresh : alive.length > 1 && !(field in draft.drawn.values) ? alive : [];
}

export function noteOf(
  draft: DraftRow,
  row: RecordRow | undefined,
  kind: Kind,
  field: string,
  app: App,
): string {
  const described = kind.fields.find((one) => one.name === field);
  const sides = otherSides(draft, row, field);
  const texts = sides.map((side) => `${showValue(described, side.value, app.campaign)} (${side.by})`);
  return texts.length > 0 ? t("other_sides", { sides: texts.join("; ") }) : "";
}

export function refusals(refused: readonly WriteRow[]): string[] {
  return [...new Set(refused.map((write) => sentence(write.code ?? "internal")))];
}

/** Labels of what the kind asks for and the form lacks. */
export function missing(kind: Kind, now: Values): string[] {
  const lacking = kind.fields.filter(
    (field) => field.required && !field.retired && isMissing(now, field.name, field.type),
  );
  const labels = lacking.map((field) => said(field.label));
  const photo = kind.photos.required && !Object.keys(now).some((name) => name.startsWith(PHOTO_PREFIX));
  return photo ? [t("photo"), ...labels] : labels;
}

export function isMissing(now: Values, name: string, type: string): boolean {
  const value = now[name] ?? null;
  if (type !== "schedule" || value === null) return value === null;
  return typeof value === "object" && !(value["from"] && value["to"] && value["times_a_day"]);
}

/** W-9, before anything is compared. A text that is only blanks is no text. */
export function tidy(now: Values): Values {
  const entries = Object.entries(now).map(([name, value]) => [
    name,
    typeof value === "string" ? normal(value) : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}
