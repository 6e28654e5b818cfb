// What has hung as long as it should, the longest first: a hint, with the one tap that says it was taken down.

import { value } from "../../core/record";
import { kindOf } from "../../db/catalog";
import { due, dueCount } from "../../db/queries";
import { t } from "../../i18n/text";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { titleOf } from "../../ui/item";
import { useLive } from "../../ui/live";
import { RecordLink } from "../../ui/record-link";
import { Section } from "../../ui/section";
import { showDay } from "../../ui/show";
import { TakenDown } from "../act";

/** The next ones follow. */
const AT_ONCE = 3;

export function StillUp() {
  const { db, catalog, campaign, here } = useApp();
  const day = today();
  const over = useLive(() => due(db, here, "life", day), `${here} ${day}`) ?? [];
  const n = useLive(() => dueCount(db, here, "life", day), `${here} ${day}`) ?? over.length;
  if (over.length === 0 || campaign?.archived) return null;
  return (
    <Section title={t("still_up", { n })}>
      <ul class="items">
        {over.slice(0, AT_ONCE).map((row) => (
          <li key={row.record} class="asked">
            <RecordLink class="tap" row={row}>
              {titleOf(row, catalog)} {row.number}
            </RecordLink>
            <small>
              {t("still_up_since", {
                day: showDay(value(row.view.fields, kindOf(catalog, row.kind)?.life?.from ?? "")),
              })}
            </small>
            <TakenDown row={row} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
