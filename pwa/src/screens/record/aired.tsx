// The days of a standing schedule so far, week by week, the last one first. A week that nobody confirmed is confirmed at
// once: its days are ticked, those without an airing are unticked, and one save is one write. Undone the same way.
import { useState } from "#view/hooks";
import { today } from "../../device/clock";
import { t } from "../../i18n/text";
import { daysSoFar, registerOf } from "../../sync/due";
import type { Kind } from "../../sync/kind";
import { values } from "../../sync/record";
import { settle } from "../../sync/settle";
import type { Value } from "../../sync/write";
import { Section } from "../../ui/section";
import { part, showDay } from "../../ui/show";
import type { Acts } from "./actions";

const WEEK = 7;

export function Aired({ kind, ...acts }: Acts & { readonly kind: Kind | undefined }) {
  const confirm = kind?.confirm;
  const held = values(acts.row.view.fields);
  if (!confirm || held[confirm.when] !== true) return null;
  const schedule = held[confirm.schedule];
  const days = daysSoFar(schedule, today()).map((day) => ({ day, register: registerOf(confirm, day) }));
  const weeks = days.flatMap((_, at) => (at % WEEK ? [] : [days.slice(at, at + WEEK)])).reverse();
  if (weeks.length === 0) return null;
  return (
    <Section title={t("aired_days")}>
      {weeks.map((week) => (
        <Week key={week[0]?.day} week={week} times={part(schedule, "times_a_day")} {...acts} />
      ))}
    </Section>
  );
}

interface WeekProps extends Acts {
  readonly week: readonly { readonly day: string; readonly register: string }[];
  readonly times: Value;
}

function Week({ week, times, row, act }: WeekProps) {
  const { fields } = row.view;
  const held = values(fields);
  // Only what was tapped: what a pull brings to another day is shown as it comes.
  const [tapped, setTapped] = useState<Readonly<Record<string, boolean>>>({});
  const ticked = (register: string) => tapped[register] ?? held[register] !== 0;
  const told = week.filter(
    ({ register }) => (held[register] ?? -1) === -1 || ticked(register) !== (held[register] !== 0),
  );
  const open = week.filter(({ register }) => held[register] === undefined);
  const save = () => {
    const set = told.map(({ register }) => [register, ticked(register) ? times : 0] as const);
    act(settle(fields, Object.fromEntries(set)), t("aired_week_said"));
    setTapped({});
  };
  return (
    <details open={open.length > 0}>
      <summary>
        {t("aired_week", {
          from: showDay(week[0]?.day),
          to: showDay(week.at(-1)?.day),
          n: week.length - open.length,
          all: week.length,
        })}
      </summary>
      <div class="cards ticks">
        {week.map(({ day, register }) => (
          <label key={day} class="card">
            <input
              type="checkbox"
              checked={ticked(register)}
              onClick={() => setTapped({ ...tapped, [register]: !ticked(register) })}
            />
            <span>{showDay(day)}</span>
          </label>
        ))}
      </div>
      {told.length > 0 && (
        <>
          <p>{t("aired_untick")}</p>
          <button type="button" class="primary" onClick={save}>
            {t("aired_confirm")}
          </button>
        </>
      )}
    </details>
  );
}
