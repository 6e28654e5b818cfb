// Inputs of one value: text, whole number, day, yes or no.
import { said, t, unitOf } from "../../i18n/text";
import { type FieldProps, typed, typedInteger } from "./field";

type Parts = Pick<FieldProps, "value" | "set"> & Partial<Pick<FieldProps, "id" | "aria">>;

/** Offered as buttons: as many villages as stand in two rows of a small phone, and the last scripts. */
const ONE_TAP: Readonly<Record<string, number>> = { hamlets: 6, scripts: 2 };

export function TextInput({ field, id, value, set, recent, aria }: FieldProps) {
  const common = { id, value: String(value ?? ""), maxLength: field.max_length ?? 2000, ...aria };
  if (field.multiline) return <textarea {...common} rows={3} onInput={(event) => set(typed(event))} />;
  return (
    <>
      <input {...common} list={`${id}-list`} onInput={(event) => set(typed(event))} />
      <datalist id={`${id}-list`}>
        {recent.map((text) => (
          <option key={text} value={text} />
        ))}
      </datalist>
      {value === null && field.suggest && ONE_TAP[field.suggest] && (
        <div class="row chips-row">
          {recent.slice(0, ONE_TAP[field.suggest]).map((text) => (
            <button type="button" key={text} onClick={() => set(text)}>
              {text}
            </button>
          ))}
        </div>
      )}
    </>
  );
}

export function NumberInput({ id, value, most, set, aria }: Parts & { readonly most: number }) {
  return (
    <input
      id={id}
      {...aria}
      inputMode="numeric"
      maxLength={most}
      value={String(value ?? "")}
      onInput={(event) => set(typedInteger(event))}
    />
  );
}

export function IntegerInput({ field, id, value, set, aria }: FieldProps) {
  const odd = typeof value === "number" && (value < (field.min ?? 0) || value > (field.max ?? value));
  return (
    <>
      <span class="with-unit">
        <NumberInput id={id} value={value} most={9} set={set} aria={aria} />
        {field.unit && <span>{unitOf(value, field.unit)}</span>}
      </span>
      {odd && <small class="hint">{t("usual_range", { min: field.min ?? 0, max: field.max ?? "" })}</small>}
    </>
  );
}

export function DateInput({ id, value, set, aria }: Parts) {
  return (
    <input id={id} {...aria} type="date" value={String(value ?? "")} onInput={(event) => set(typed(event))} />
  );
}

export function BooleanInput({ field, id, value, set }: FieldProps) {
  return (
    <label class="check">
      <input
        id={id}
        type="checkbox"
        checked={value === true}
        onChange={(event) => set(event.currentTarget.checked)}
      />
      <span>{said(field.label)}</span>
    </label>
  );
}
