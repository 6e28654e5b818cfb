// Inputs of one value: text, number, day, yes or no.

import { useId, useState } from "preact/hooks";
import { amountText, readNumber } from "../../core/amount";
import { readDay } from "../../core/day";
import { equal, type Value } from "../../core/record";
import { language, said, t, unitOf } from "../../i18n/text";
import { today } from "../../platform/clock";
import { showDay } from "../show";
import { type Aria, type FieldProps, typed, whyNoDay, whyUnread } from "./field";

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

interface NumberParts extends Parts {
  readonly scale?: number | undefined;
}

/**
 * What is typed stays as it is typed. While it is no number the text itself is the value, so that the draft keeps it and the
 * form is not saved with it; why is said once the input is left (SPEC F-18).
 */
export function NumberInput({ id, value, scale = 0, set, aria }: NumberParts) {
  const [text, setText] = useState("");
  const [writing, setWriting] = useState(false);
  const why = writing || aria?.["aria-invalid"] ? "" : whyUnread(value, scale);
  const whyId = useId();
  const own = equal(taken(text, scale), value);
  return (
    <>
      <input
        id={id}
        {...explained(aria, why && whyId)}
        inputMode={scale > 0 ? "decimal" : "numeric"}
        autocomplete="off"
        value={own ? text : numberText(value, scale)}
        onFocus={() => setWriting(true)}
        onBlur={() => setWriting(false)}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          set(taken(currentTarget.value, scale));
        }}
      />
      {why && (
        <small class="hint unread" id={whyId} role="status">
          {why}
        </small>
      )}
    </>
  );
}

/** Ties an input to the sentence that says why it is not understood, for those who do not see both. */
function explained(aria: Aria | undefined, why: string): Aria {
  if (!why) return aria ?? {};
  const described = [aria?.["aria-describedby"], why].filter((part) => part).join(" ");
  return { ...aria, "aria-invalid": true, "aria-describedby": described };
}

function taken(text: string, scale: number): Value {
  const read = readNumber(text, scale);
  return typeof read === "string" ? text : read;
}

/** As it may be typed again. */
function numberText(value: Value | undefined, scale: number): string {
  if (typeof value !== "number") return String(value ?? "");
  return amountText({ digits: value, scale }, language() === "vi" ? "," : ".", "");
}

export function IntegerInput({ field, id, value, set, aria }: FieldProps) {
  const { scale, unit } = field.measure ?? { scale: 0, unit: field.unit };
  return (
    <span class="with-unit">
      <NumberInput id={id} value={value} scale={scale} set={set} aria={aria} />
      {unit && <span>{unitOf(value, unit, scale)}</span>}
    </span>
  );
}

/**
 * A day as an office writes it, whatever the browser's language. As with numbers a text that is no day is the value, so
 * that the draft keeps it and the form is not saved with it (SPEC V-6).
 */
export function DateInput({ id, value, set, aria }: Parts) {
  const [text, setText] = useState("");
  const [writing, setWriting] = useState(false);
  const why = writing || aria?.["aria-invalid"] ? "" : whyNoDay(value);
  const whyId = useId();
  const own = writing && takenDay(text) === (value ?? null);
  return (
    <>
      <input
        id={id}
        {...explained(aria, why && whyId)}
        inputMode="numeric"
        autocomplete="off"
        maxLength={20}
        placeholder={t("day_form")}
        value={own ? text : showDay(value)}
        onFocus={(event) => {
          setText(event.currentTarget.value);
          setWriting(true);
        }}
        onBlur={() => setWriting(false)}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          set(takenDay(currentTarget.value));
        }}
      />
      {why && (
        <small class="hint unread" id={whyId} role="status">
          {why}
        </small>
      )}
    </>
  );
}

function takenDay(text: string): string | null {
  return readDay(text, today().slice(0, 4)) || text || null;
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

const ANSWERS = [
  [true, "yes"],
  [false, "no"],
  [null, "unsaid"],
] as const;

/** A yes or no with three answers: nothing is chosen for the officer, and what is not said counts nothing (SPEC F-25). */
export function AnswerInput({ id, value, set }: FieldProps) {
  return (
    <div class="cards answers">
      {ANSWERS.map(([answer, word]) => (
        <label key={word} class="card">
          {/* A tap on the one that stands there says it again: who confirms an old default answers it. */}
          <input type="radio" name={id} checked={value === answer} onClick={() => set(answer)} />
          <span>{t(word)}</span>
        </label>
      ))}
    </div>
  );
}
