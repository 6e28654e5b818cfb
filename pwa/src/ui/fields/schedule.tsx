// From, to, times a day: one value, for they make sense only together (SPEC W-5).

import { dayStart } from "../../core/day";
import { part, type Value } from "../../core/record";
import { t, word } from "../../i18n/text";
import { type FieldProps, withPart } from "./field";
import { DateInput, NumberInput } from "./simple";

export function ScheduleInput({ id, value, set, aria }: FieldProps) {
  const put = (name: string) => (typed: Value) => set(withPart(value, name, typed));
  const [from, to] = [part(value, "from"), part(value, "to")];
  return (
    <div class="parts">
      {(["from", "to"] as const).map((name) => (
        <label key={name}>
          <span>{word("schedule", name)}</span>
          <DateInput value={part(value, name)} set={put(name)} aria={aria} />
        </label>
      ))}
      <label>
        <span>{word("schedule", "times_a_day")}</span>
        <NumberInput
          id={`${id}-times`}
          value={part(value, "times_a_day")}
          aria={aria}
          set={put("times_a_day")}
        />
      </label>
      {dayStart(to) < dayStart(from) && <small class="hint">{t("dates_turned")}</small>}
    </div>
  );
}
