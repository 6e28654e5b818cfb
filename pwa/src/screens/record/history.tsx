// Who said what, and when by their phone's clock, the latest first: the writes that still stand, and of this officer's own
// also those that others replaced.

import type { Kind } from "../../core/kind";
import { KEPT_PREFIX, PHOTO_PREFIX, part, type Side, sideOf, type Value } from "../../core/record";
import { byId } from "../../db/catalog";
import type { RecordRow, WriteRow } from "../../db/schema";
import { t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { fieldLabel, fieldOf, showKept, showSaid, showTime, showValue } from "../../ui/show";

interface Line {
  readonly field: string;
  readonly side: Side;
  /** Another write took its place. */
  readonly gone: boolean;
}

/** The latest first; what stands before what it replaced. */
export function historyOf({ view }: Pick<RecordRow, "view">, own: readonly WriteRow[], by: string): Line[] {
  const alive = Object.entries(view.fields).flatMap(([field, sides]) =>
    sides.map((side) => ({ field, side, gone: false })),
  );
  const stands = ({ id }: WriteRow, field: string) =>
    alive.some((one) => one.field === field && one.side.id === id);
  const gone = own.flatMap((write) =>
    Object.keys(write.wire.set)
      .filter((field) => !stands(write, field))
      .map((field) => ({ field, side: sideOf({ ...write.wire, by }, field), gone: true })),
  );
  return [...alive, ...gone].sort((a, b) => b.side.at - a.side.at || Number(a.gone) - Number(b.gone));
}

export function History({ row, kind }: { readonly row: RecordRow; readonly kind: Kind | undefined }) {
  const { db, catalog } = useApp();
  const campaign = byId(catalog.campaigns, row.campaign);
  const own = useLive(() => db.getAll("writes", "record", row.record), row.record) ?? [];
  const { decision } = row;
  const shown = (field: string, value: Value) => {
    if (field.startsWith(KEPT_PREFIX)) return showKept(kind, value, campaign);
    const source = field.startsWith(PHOTO_PREFIX) && part(value, "source");
    const time = showTime(Number(part(value, "taken_at")));
    return source
      ? `${word("sources", String(source))} ${part(value, "undated") ? t("photo_added", { time }) : time}`
      : showValue(fieldOf(kind, field) ?? TRUTH[field], value, campaign);
  };
  return (
    <details>
      <summary>{t("history")}</summary>
      {decision && (
        <p>
          {word("verdicts", decision.verdict)} · {showSaid(decision)}
        </p>
      )}
      <ul class="history">
        {historyOf(row, own, catalog.officer.name).map(({ field, side, gone }) => (
          <li key={`${field} ${side.id}`}>
            {fieldLabel(kind, field)}: {gone ? <s>{shown(field, side.value)}</s> : shown(field, side.value)}
            {gone && ` ${t("replaced_value")}`}
            <small>{showSaid(side)}</small>
          </li>
        ))}
      </ul>
    </details>
  );
}

const yesNo = { name: "", type: "boolean", label: {} };
/** Fields that every kind has. */
const TRUTH: Readonly<Record<string, typeof yesNo>> = { deleted: yesNo, submitted: yesNo };
