// The inputs of a form in the kind's order; those marked `more` wait behind "Thêm", unless something is to be seen there.

import { answeredBy, type Field, follows, heldIn, isAsked, type Kind } from "../../core/kind";
import { part, type Value } from "../../core/write";
import { byId } from "../../db/catalog";
import { type DraftRow, meta, type RecordRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { checkedAlone } from "../../outbox/checking";
import { listOf } from "../../outbox/memory";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { FieldInput } from "../../ui/fields";
import { useLive } from "../../ui/live";
import { hintOf, optionsOf, sayCheck } from "../../ui/show";
import { noteOf } from "./remarks";
import type { SetField } from "./use-draft";

/**
 * Days that have not come count once they are confirmed (SPEC F-3): a schedule of a new record that reaches beyond today is
 * one that is confirmed by the day, unless the officer said otherwise. The field to tick, if so.
 */
function confirmAhead({ confirm }: Kind, draft: DraftRow, { name }: Field, value: Value): string | undefined {
  if (!confirm || name !== confirm.schedule || draft.record !== draft.id) return undefined;
  const to = part(value, "to");
  return typeof to === "string" && to > today() && draft.now[confirm.when] === undefined
    ? confirm.when
    : undefined;
}

/** What changes with a field: the retired one that it stands for is no more (SPEC F-19). */
function alsoSet(kind: Kind, draft: DraftRow, field: Field, value: Value): (readonly [string, Value])[] {
  const old = Object.keys(field.replaces ?? {}).filter((name) => (draft.now[name] ?? null) !== null);
  const ahead = confirmAhead(kind, draft, field, value);
  return [...old.map((name) => [name, null] as const), ...(ahead ? [[ahead, true] as const] : [])];
}

/** Thôn Đ behind thôn D, not behind thôn Z. Made once it is asked for: that alone takes a slow phone 60 ms. */
let inOrder: Intl.Collator["compare"] | undefined;

function inVietnamese(texts: readonly string[]): string[] {
  if (texts.length < 2) return [...texts];
  inOrder ??= new Intl.Collator("vi").compare;
  return [...texts].sort(inOrder);
}

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly row: RecordRow | undefined;
  readonly marked: readonly string[];
  readonly lacking: readonly string[];
  readonly seeking: boolean;
  readonly set: SetField;
}

export function FieldList({ draft, kind, row, marked, lacking, seeking, set }: Props) {
  const app = useApp();
  const texts = useLive(() => meta(app.db, "texts"));
  const unit = byId(app.catalog.units, draft.unit);
  // Its own, not the one that is chosen on the home screen.
  const campaign = byId(app.catalog.campaigns, draft.campaign);
  const recent = (field: Field): readonly string[] => {
    const list = listOf(field) ?? "";
    const offered = list === "hamlets" || list === "stations" ? (unit?.[list] ?? []) : [];
    return [...new Set([...(texts?.[list] ?? []), ...inVietnamese(offered)])];
  };
  const found = checkedAlone(kind, draft, campaign);
  const foundIn = ({ name }: Field) =>
    found.filter(({ keys }) => keys[0]?.split("/")[0] === name).map((one) => sayCheck(kind, one));
  const input = (field: Field) => (
    <FieldInput
      key={field.name}
      field={field}
      id={`f-${field.name}`}
      value={heldIn(field, draft.now)}
      set={(value) => {
        set(field.name, value);
        for (const [name, other] of alsoSet(kind, draft, field, value)) set(name, other);
        const file = field.type === "file" ? byId(campaign?.files, value) : undefined;
        for (const [name, other] of Object.entries(follows(kind, field, value, draft.now, file)))
          set(name, other);
      }}
      recent={recent(field)}
      campaign={campaign}
      seeking={seeking}
      marked={marked.includes(field.name)}
      lacking={lacking.includes(field.name)}
      hint={[hintOf(answeredBy(field, draft.now)), ...foundIn(field)].join(" ").trim()}
      note={noteOf(draft, row, kind, field.name, campaign)}
    />
  );
  const fields = kind.fields.filter(
    (field) =>
      !field.retired &&
      isAsked(field, draft.now) &&
      (field.type !== "file" || optionsOf(field, campaign).length > 0),
  );
  const more = fields.filter((field) => field.more);
  return (
    <>
      {fields.filter((field) => !field.more).map(input)}
      {more.length > 0 && (
        <details open={more.some(({ name }) => marked.includes(name) || lacking.includes(name))}>
          <summary>{t("more")}</summary>
          {more.map(input)}
        </details>
      )}
    </>
  );
}
