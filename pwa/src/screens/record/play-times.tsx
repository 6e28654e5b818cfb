// The time of day of each airing of a day (SPEC F-41): as many as the day has airings, beforehand those that the record names for every day.
import { useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { showDay } from "../../ui/show";

/** More airings of one day are seldom looked up one by one. */
const MOST = 12;

/** By day, what was typed and is not saved. */
export type Typed = Readonly<Record<string, readonly string[]>>;

/** A day's times as they are kept, null for none. Undefined where nothing was typed, or not all: these are not kept. */
export function timesTyped(typed: Typed, day: string, n: number): string | null | undefined {
  const all = n > 0 && n <= MOST ? typed[day] : undefined;
  if (!all) return undefined;
  const found = Array.from({ length: n }, (_, at) => all[at] ?? "");
  if (!found.some(Boolean)) return null;
  return found.every(Boolean) && new Set(found).size === n ? found.sort().join(", ") : undefined;
}

/** Days whose times are seen and not kept: not all were typed, or two are alike. */
export function daysInPart(typed: Typed, days: readonly string[], times: (day: string) => number): string[] {
  return days.filter((day) => {
    const n = times(day);
    return typed[day] && n > 0 && n <= MOST && timesTyped(typed, day, n) === undefined;
  });
}

interface Props {
  readonly days: readonly string[];
  readonly times: (day: string) => number;
  /** Those that the record has. */
  readonly hours: (day: string) => readonly string[];
  readonly typed: Typed;
  /** All of a day's, in their places. */
  readonly type: (day: string, times: readonly string[]) => void;
}

export function PlayTimes({ days, times, hours, typed, type }: Props) {
  const [open, setOpen] = useState(false);
  const aired = days.filter((day) => times(day) > 0 && times(day) <= MOST);
  if (aired.length === 0) return null;
  const names = t("weekdays").split(" ");
  const part = daysInPart(typed, aired, times);
  return (
    <>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t("aired_times")}</summary>
        {(open ? aired : []).map((day) => {
          const known = typed[day] ?? hours(day);
          const all = Array.from({ length: times(day) }, (_, at) => known[at] ?? "");
          return (
            <fieldset key={day} class="play-times">
              <legend>
                {names[new Date(`${day}T00:00:00Z`).getUTCDay()]} {showDay(day)}
              </legend>
              {all.map((time, at) => (
                <input
                  key={at}
                  type="time"
                  aria-label={t("aired_time", { n: at + 1 })}
                  value={time}
                  onChange={({ currentTarget: { value } }) =>
                    type(
                      day,
                      all.map((one, place) => (place === at ? value : one)),
                    )
                  }
                />
              ))}
            </fieldset>
          );
        })}
      </details>
      {part.length > 0 && (
        <p class="alert" role="status">
          {t("aired_times_part", { days: part.map((day) => showDay(day)).join(", ") })}
        </p>
      )}
    </>
  );
}
