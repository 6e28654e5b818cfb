// The inputs of a form in the kind's order; those marked `more` wait behind "Thêm", unless something is to be seen there.

import { reschedule } from "../../core/figures";
import { answeredBy, type Field, follows, heldIn, isAsked, isSaidByFile, type Kind } from "../../core/kind";
import type { Value, Values } from "../../core/record";
import { byId } from "../../db/catalog";
import { type DraftRow, meta, type RecordRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { checkedAlone } from "../../outbox/checking";
import { listOf } from "../../outbox/save";
import { useApp } from "../../ui/app-context";
import { FieldInput } from "../../ui/fields";
import { useLive } from "../../ui/live";
import { hintOf, optionsOf, sayCheck } from "../../ui/show";
import { PastDays } from "./past-days";
import { noteOf } from "./remarks";
import type { SetAll } from "./use-draft";

/** What changes with a field: the retired one that it stands for is no more (SPEC F-19), days aired as planned follow the plan. */
function alsoSet({ confirm }: Kind, { now, as_planned = [] }: DraftRow, field: Field, value: Value): Values {
  const old = Object.keys(field.replaces ?? {}).filter((name) => (now[name] ?? null) !== null);
  return {
    ...Object.fromEntries(old.map((name) => [name, null])),
    ...(confirm?.schedule === field.name && reschedule(as_planned, value)),
  };
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
  readonly setAll: SetAll;
}

export function FieldList({ draft, kind, row, marked, lacking, seeking, setAll }: Props) {
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
        const file = field.type === "file" ? byId(campaign?.files, value) : undefined;
        const also = {
          ...alsoSet(kind, draft, field, value),
          ...follows(kind, field, value, draft.now, file),
        };
        setAll({ [field.name]: value, ...also });
      }}
      recent={recent(field)}
      campaign={campaign}
      seeking={seeking}
      marked={marked.includes(field.name)}
      lacking={lacking.includes(field.name)}
      hint={[hintOf(answeredBy(field, draft.now)), ...foundIn(field)].join(" ").trim()}
      note={noteOf(draft, row, kind, field.name, campaign)}
    />,
    field.name === kind.confirm?.schedule && (
      <PastDays key="past" draft={draft} kind={kind} setAll={setAll} />
    ),
  ];
  const fields = kind.fields.filter(
    (field) =>
      !field.retired &&
      // In the catalogue of an older server it is no retired one; the app says it (SPEC F-20).
      field.name !== kind.confirm?.when &&
      isAsked(field, draft.now) &&
      (marked.includes(field.name) || !isSaidByFile(kind, field, draft.now, campaign?.files)) &&
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
