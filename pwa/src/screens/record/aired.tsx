// The days of a standing schedule so far, week by week, the last one first. A week that nobody confirmed is confirmed at
// once: its days are ticked, those without an airing are unticked, and one save is one write. Undone the same way.
import { useState } from "preact/hooks";
import { daysSoFar, registerOf } from "../../core/due";
import type { Kind } from "../../core/kind";
import { values } from "../../core/record";
import { settle } from "../../core/settle";
import { part } from "../../core/write";
import { isArchived } from "../../db/catalog";
import { t } from "../../i18n/text";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { Section } from "../../ui/section";
import { showDay } from "../../ui/show";
import type { Acts } from "./actions";

const WEEK = 7;

export function Aired({ row, kind, act }: Acts & { readonly kind: Kind | undefined }) {
  // Only what was tapped: what a pull brings to another day is shown as it comes.
  const [tapped, setTapped] = useState<Readonly<Record<string, boolean>>>({});
  const { catalog } = useApp();
  const confirm = kind?.confirm;
  const { fields, hidden } = row.view;
  const held = values(fields);
  if (hidden || !confirm || held[confirm.when] !== true) return null;
  const schedule = held[confirm.schedule];
  const days = daysSoFar(schedule, today()).map((day) => {
    const register = registerOf(confirm, day);
    const n = held[register];
    return { register, day: showDay(day), n, ticked: tapped[register] ?? n !== 0 };
  });
  const week = (_: unknown, at: number) => {
    if (at % WEEK) return [];
    const its = days.slice(at, at + WEEK);
    const open = its.filter(({ n }) => n === undefined).length;
    const told = its.filter(({ n, ticked }) => n === undefined || ticked === (n === 0));
    const save = () => {
      const times = part(schedule, "times_a_day");
      const set = told.map(({ register, ticked }) => [register, ticked ? times : 0]);
      act(settle(fields, Object.fromEntries(set)), t("aired_week_said"));
      setTapped({});
    };
    const said = {
      from: its[0]?.day ?? "",
      to: its.at(-1)?.day ?? "",
      n: its.length - open,
      all: its.length,
    };
    return [
      <details key={`${at}`} open={open > 0}>
        <summary>{t("aired_week", said)}</summary>
        <div class="cards ticks">
          {its.map(({ register, day, n, ticked }) => (
            // What is said stands below the day; the tick is what would be saved.
            <label key={day} class={n === undefined ? "card warn" : "card"}>
              <input
                type="checkbox"
                checked={ticked}
                onClick={() => setTapped({ ...tapped, [register]: !ticked })}
              />
              <span>
                {day}
                <br />
                <small>
                  {t(n === undefined ? "aired_unsaid" : n ? "aired_yes" : "aired_no", { n: n as number })}
                </small>
              </span>
            </label>
          ))}
        </div>
        {told.length > 0 && !isArchived(catalog, row) && (
          <button type="button" class="primary" onClick={save}>
            {t("aired_confirm")}
          </button>
        )}
      </details>,
    ];
  };
  return <Section title={t("aired_days")}>{days.flatMap(week).reverse()}</Section>;
}
