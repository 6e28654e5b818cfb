// How often each day of a schedule was aired: one choice a day, with the day's name, and none made beforehand.

import type { Value } from "../core/record";
import { t } from "../i18n/text";
import { showDay } from "./show";

/** More airings a day than these are typed as another schedule. */
const MOST = 48;

interface Props {
  readonly days: readonly string[];
  /** As many as the schedule plans for a day. */
  readonly times: number;
  readonly said: (day: string) => Value | undefined;
  /** Null: it is open again. */
  readonly set: (day: string, n: number | null) => void;
}

export function DayCounts({ days, times, said, set }: Props) {
  const names = t("weekdays").split(" ");
  const usual = Array.from({ length: Math.min(times, MOST) + 1 }, (_, n) => n).reverse();
  return (
    <div class="day-counts">
      {days.map((day) => {
        const n = said(day);
        const held = typeof n === "number" ? [n] : [];
        const choices = [...new Set([...held.filter((one) => !usual.includes(one)), ...usual])];
        return (
          <label key={day} class={held.length > 0 ? "" : "open"}>
            <span>
              {names[new Date(`${day}T00:00:00Z`).getUTCDay()]} {showDay(day)}
            </span>
            <select
              value={held.length > 0 ? String(n) : ""}
              onChange={({ currentTarget: { value } }) => set(day, value === "" ? null : Number(value))}
            >
              <option value="">{t("aired_unsaid")}</option>
              {choices.map((one) => (
                <option key={one} value={String(one)}>
                  {one === 0 ? t("aired_no") : t("aired_n", { n: one })}
                </option>
              ))}
            </select>
          </label>
        );
      })}
    </div>
  );
}
