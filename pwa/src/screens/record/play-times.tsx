// The time of day of each airing of a day (SPEC F-41): as many as the day has airings, beforehand those that the record names for every day.
import { useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { showDay } from "../../ui/show";

/** More airings of one day are seldom looked up one by one. */
const MOST = 12;

interface Props {
  readonly days: readonly string[];
  readonly times: (day: string) => number;
  readonly hours: (day: string) => readonly string[];
  /** All of a day's, in order. */
  readonly set: (day: string, hours: string) => void;
}

export function PlayTimes({ days, times, hours, set }: Props) {
  const [typed, setTyped] = useState<Readonly<Record<string, readonly string[]>>>({});
  const [open, setOpen] = useState(false);
  const aired = days.filter((day) => times(day) > 0 && times(day) <= MOST);
  if (aired.length === 0) return null;
  const names = t("weekdays").split(" ");
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("aired_times")}</summary>
      {(open ? aired : []).map((day) => {
        const [n, known] = [times(day), hours(day)];
        const all = Array.from({ length: n }, (_, at) => typed[day]?.[at] ?? known[at] ?? "");
        const change = (at: number, time: string) => {
          const next = all.map((one, place) => (place === at ? time : one));
          setTyped((before) => ({ ...before, [day]: next }));
          if (next.every(Boolean) && new Set(next).size === n) set(day, [...next].sort().join(", "));
        };
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
                onChange={({ currentTarget: { value } }) => change(at, value)}
              />
            ))}
          </fieldset>
        );
      })}
    </details>
  );
}
