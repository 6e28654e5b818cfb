// Who said what, and when by their phone's clock: the writes that still stand, field by field.

import type { Kind } from "../../core/kind";
import { PHOTO_PREFIX } from "../../core/record";
import { part, type Value } from "../../core/write";
import { byId } from "../../db/catalog";
import type { RecordRow } from "../../db/schema";
import { t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { fieldLabel, fieldOf, showSaid, showTime, showValue } from "../../ui/show";

export function History({ row, kind }: { readonly row: RecordRow; readonly kind: Kind | undefined }) {
  const campaign = byId(useApp().catalog.campaigns, row.campaign);
  const { decision } = row;
  const shown = (field: string, value: Value) => {
    const source = field.startsWith(PHOTO_PREFIX) && part(value, "source");
    return source
      ? `${word("sources", String(source))} ${showTime(Number(part(value, "taken_at")))}`
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
        {Object.entries(row.view.fields).flatMap(([field, alive]) =>
          alive.map((side) => (
            <li key={`${field} ${side.id}`}>
              {fieldLabel(kind, field)}: {shown(field, side.value)}
              <small>{showSaid(side)}</small>
            </li>
          )),
        )}
      </ul>
    </details>
  );
}

const yesNo = { name: "", type: "boolean", label: {} };
/** Fields that every kind has. */
const TRUTH: Readonly<Record<string, typeof yesNo>> = { deleted: yesNo, submitted: yesNo };
