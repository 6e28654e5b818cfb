// The inputs of a form in the kind's order; those marked `more` wait behind "Thêm", unless something is to be seen there.

import { reschedule } from "../../core/airings";
import { answeredBy, type Field, follows, heldIn, isAsked, type Kind } from "../../core/kind";
import type { Value, Values } from "../../core/write";
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
import { PastDays } from "./past-days";
import { noteOf } from "./remarks";
import type { SetField } from "./use-draft";

/** The days that were answered follow the schedule. */
function moved({ confirm }: Kind, { drawn, now }: DraftRow, { name }: Field, value: Value): Values {
  return confirm?.schedule === name ? reschedule(confirm, drawn.values, now, value, today()) : {};
}

/** What changes with a field: the retired one that it stands for is no more (SPEC F-19), answered days follow. */
function alsoSet(kind: Kind, draft: DraftRow, field: Field, value: Value): (readonly [string, Value])[] {
  const old = Object.keys(field.replaces ?? {}).filter((name) => (draft.now[name] ?? null) !== null);
  return [...old.map((name) => [name, null] as const), ...Object.entries(moved(kind, draft, field, value))];
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
  const input = (field: Field) => [
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
    />,
    field.name === kind.confirm?.schedule && <PastDays key="past" draft={draft} kind={kind} set={set} />,
  ];
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
