// Who said what, and when by their phone's clock: the writes that still stand, field by field.
import type { RecordRow } from "../../device/db";
import { t, word } from "../../i18n/text";
import type { Kind } from "../../sync/kind";
import { PHOTO_PREFIX } from "../../sync/record";
import { useApp } from "../../ui/app-context";
import { fieldLabel, showTime, showValue } from "../../ui/show";

export function History({ row, kind }: { readonly row: RecordRow; readonly kind: Kind | undefined }) {
  const { campaign } = useApp();
  const { decision } = row;
  const shown = (field: string, value: Parameters<typeof showValue>[1]) => {
    if (!field.startsWith(PHOTO_PREFIX) || value === null || typeof value !== "object") {
      return showValue(kind?.fields.find((one) => one.name === field) ?? TRUTH[field], value, campaign);
    }
    return `${word("sources", String(value["source"]))} ${showTime(Number(value["taken_at"]))}`;
  };
  return (
    <details>
      <summary>{t("history")}</summary>
      {decision && (
        <p>
          {word("verdicts", decision.verdict)} · {decision.by} · {showTime(decision.at)}
        </p>
      )}
      <ul class="history">
        {Object.entries(row.view.fields).flatMap(([field, alive]) =>
          alive.map((side) => (
            <li key={`${field} ${side.id}`}>
              {fieldLabel(kind, field)}: {shown(field, side.value)}
              <small>
                {side.by} · {showTime(side.at)}
              </small>
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
