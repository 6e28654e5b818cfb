// A standing schedule asks once a day whether it was aired; one tap answers. The record takes another answer, and those
// for days that nobody answered.

import { daysSoFar, registerOf } from "../../core/due";
import { values } from "../../core/record";
import { settle } from "../../core/settle";
import { part } from "../../core/write";
import { kindOf } from "../../db/catalog";
import { due } from "../../db/queries";
import { t } from "../../i18n/text";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { titleOf } from "../../ui/item";
import { useLive } from "../../ui/live";
import { RecordLink } from "../../ui/record-link";
import { Section } from "../../ui/section";
import { showDay } from "../../ui/show";
import { act } from "../act";

export function AiredToday() {
  const { db, catalog, campaign, here } = useApp();
  const day = today();
  const standing = useLive(() => due(db, here, "confirm", day), `${here} ${day}`) ?? [];
  let now = false;
  const asked = standing.flatMap((row) => {
    const confirm = kindOf(catalog, row.kind)?.confirm;
    const held = values(row.view.fields);
    const schedule = confirm && held[confirm.schedule];
    const open = daysSoFar(schedule, day).filter(
      (one) => confirm && held[registerOf(confirm, one)] === undefined,
    );
    if (!confirm || open.length === 0) return [];
    const asks = open.at(-1) === day;
    const missed = open.length - (asks ? 1 : 0);
    now ||= asks;
    const times = Number(part(schedule, "times_a_day"));
    const say = (n: number) => () => {
      const told = settle(row.view.fields, { [registerOf(confirm, day)]: n });
      act(db, row, told, t("aired_said", { n, day: showDay(day) }));
    };
    return [
      <li key={row.record} class="asked">
        <RecordLink class="tap" row={row}>
          {titleOf(row, catalog)}
        </RecordLink>
        {missed > 0 && <small>{t("aired_open", { n: missed })}</small>}
        {asks && (
          <div class="row">
            <button type="button" class="primary" onClick={say(times)}>
              {t("aired_yes", { n: times })}
            </button>
            <button type="button" onClick={say(0)}>
              {t("aired_no")}
            </button>
          </div>
        )}
      </li>,
    ];
  });
  if (asked.length === 0 || campaign?.archived) return null;
  return (
    <Section title={t(now ? "aired_today" : "aired_missed")}>
      <ul class="items">{asked}</ul>
    </Section>
  );
}
