// What a form says beside its fields: what a reviewer marked, what the server refused, what came while it was open.

import { written } from "../../core/draft";
import { type Field, isAsked, type Kind } from "../../core/kind";
import { part, type Side, type Values } from "../../core/record";
import { normal } from "../../core/text";
import type { Campaign } from "../../db/catalog";
import type { DraftRow, RecordRow, WriteRow } from "../../db/schema";
import { sentence, t } from "../../i18n/text";
import type { Unread } from "../../photos/shrink";
import { unreadIn } from "../../ui/fields/field";
import { fieldLabels, fieldOf, showValue } from "../../ui/show";

/** Sides of a field that were not on the screen when the form was drawn, or that already disagreed then. */
export function otherSides(draft: DraftRow, row: RecordRow | undefined, field: string): readonly Side[] {
  const alive = row?.view.fields[field] ?? [];
  const seen = draft.drawn.seen[field] ?? [];
  // What this form corrects is one's own, and stands in it.
  const fresh = alive.filter((side) => !(seen.includes(side.id) || draft.corrects.includes(side.id)));
  return fresh.length > 0 ? fresh : alive.length > 1 && !(field in draft.drawn.values) ? alive : [];
}

export function noteOf(
  draft: DraftRow,
  row: RecordRow | undefined,
  kind: Kind,
  field: string,
  campaign: Campaign | undefined,
): string {
  const described = fieldOf(kind, field);
  const sides = otherSides(draft, row, field);
  const texts = sides.map((side) => `${showValue(described, side.value, campaign)} (${side.by})`);
  if (texts.length > 0) return t("other_sides", { sides: texts.join("; ") });
  const old = Object.keys(described?.replaces ?? {}).find((name) => (draft.now[name] ?? null) !== null);
  if (!old || (draft.now[field] ?? null) === null) return "";
  return t("retired_beside", { value: showValue(fieldOf(kind, old), draft.now[old], campaign) });
}

/** What a reviewer will see as changed, shown before it is sent. */
export function changesIn({ drawn, now }: DraftRow, kind: Kind): string {
  const set = written(drawn, tidy(now))?.set;
  return set ? t("changes", { what: fieldLabels(kind, Object.keys(set)).join(", ") }) : "";
}

export function refusals(refused: readonly WriteRow[]): string[] {
  return [...new Set(refused.map((write) => sentence(write.code ?? "internal")))];
}

/** Why a file is no photo; a PDF may have a place of its own in the form. */
export function unreadText(kind: Kind, why: Unread): string {
  return t(why === "photo_pdf" && kind.documents ? "photo_pdf_add" : why);
}

/** The same of a file that lies in the form as it came: photo or PDF. */
export function faultText(kind: Kind, code = "internal"): string {
  if (code === "storage_full") return t(code);
  return code.startsWith("photo_") ? unreadText(kind, code as Unread) : faultOfPdf(code, kind.documents?.max);
}

/** Why a PDF does not go in. */
export function faultOfPdf(code: string, max = 0): string {
  return code === "documents_most" ? t(code, { n: max }) : sentence(code);
}

/** The fields that the kind asks for and the form lacks. */
export function lackingIn(kind: Kind, now: Values): Field[] {
  return kind.fields.filter((field) => {
    const { name, type, required, retired } = field;
    const value = now[name] ?? null;
    const parts = type === "schedule" && value !== null ? ["from", "to", "times_a_day"] : [];
    return (
      required &&
      !retired &&
      isAsked(field, now) &&
      (value === null || parts.some((one) => !part(value, one)))
    );
  });
}

/** The fields whose text is no number: it is kept, and not saved (SPEC F-18). */
export function unreadFields(kind: Kind, now: Values): Field[] {
  return kind.fields.filter((field) => unreadIn(field, now[field.name]));
}

/** W-9, before anything is compared. A text that is only blanks is no text. */
export function tidy(now: Values): Values {
  const entries = Object.entries(now).map(([name, value]) => [
    name,
    typeof value === "string" ? normal(value) : value,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ""));
}
