// From, to, times a day: one value, for they make sense only together (SPEC W-5).
import { word } from "../../i18n/text";
import type { Scalar } from "../../sync/write";
import { type FieldProps, typed, typedInteger } from "./field";

export function ScheduleInput({ id, value, set }: FieldProps) {
  const now = value !== null && typeof value === "object" ? value : {};
  const put = (part: string, typedValue: Scalar) => {
    const { [part]: _, ...others } = now;
    const next = typedValue === null ? others : { ...others, [part]: typedValue };
    set(Object.keys(next).length > 0 ? next : null);
  };
  return (
    <div class="parts">
      {(["from", "to"] as const).map((part) => (
        <label key={part}>
          <span>{word("schedule", part)}</span>
          <input type="date" value={String(now[part] ?? "")} onInput={(event) => put(part, typed(event))} />
        </label>
      ))}
      <label>
        <span>{word("schedule", "times_a_day")}</span>
        <input
          id={`${id}-times`}
          type="text"
          inputMode="numeric"
          maxLength={3}
          value={String(now["times_a_day"] ?? "")}
          onInput={(event) => put("times_a_day", typedInteger(event))}
        />
      </label>
    </div>
  );
}
