// One labelled input per field, chosen by the field's type; a type of a newer kind is shown, not edited (SPEC S-11).
import type { ComponentType } from "preact";
import type { Field } from "../../core/kind";
import { type Key, said, t } from "../../i18n/text";
import { showValue } from "../show";
import { CardsInput } from "./cards";
import { type Aria, type FieldProps, unreadIn } from "./field";
import { PlaceInput } from "./place";
import { ScheduleInput } from "./schedule";
import { AnswerInput, BooleanInput, DateInput, IntegerInput, TextInput } from "./simple";

const INPUTS: Readonly<Record<string, ComponentType<FieldProps>>> = {
  text: TextInput,
  integer: IntegerInput,
  date: DateInput,
  boolean: BooleanInput,
  choice: CardsInput,
  ticks: CardsInput,
  slogan: CardsInput,
  file: CardsInput,
  place: PlaceInput,
  schedule: ScheduleInput,
};

/** One input; the others are a group of them. */
const SINGLE: readonly unknown[] = [TextInput, IntegerInput, DateInput, BooleanInput];

/** None for a type of a newer kind. */
function inputOf({ type, said_by }: Field): ComponentType<FieldProps> | undefined {
  return said_by ? AnswerInput : INPUTS[type];
}

interface Props extends Omit<FieldProps, "aria"> {
  /** A reviewer asks for this field. */
  readonly marked: boolean;
  /** It is what keeps the form from being saved. */
  readonly lacking: boolean;
  readonly note: string;
  /** Said below it, and nothing to be done. */
  readonly hint?: string;
}

const LACKS: Readonly<Record<string, Key>> = {
  text: "lacks_text",
  integer: "lacks_text",
  date: "lacks_text",
  schedule: "lacks_text",
};

/** What is wrong with the field, in words: empty, in part, no number, or as a reviewer saw it. */
function remark({ field, value, lacking }: Omit<Props, "marked" | "note">): string {
  const label = said(field.label);
  const named = { field: label.charAt(0).toLowerCase() + label.slice(1) };
  if (value === null)
    return field.type === "place" ? t("no_place") : t(LACKS[field.type] ?? "lacks_choice", named);
  if (!lacking) return t("please_check");
  return unreadIn(field, value) || t("lacks_part", named);
}

export function FieldInput({ marked, note, hint, ...props }: Props) {
  const { field, id, value, lacking } = props;
  const Input = inputOf(field);
  const label = `${said(field.label)}${field.required ? " *" : ""}`;
  const group = Input && !SINGLE.includes(Input);
  const Box = group ? "fieldset" : "div";
  const wrong = marked || lacking;
  const doubt = wrong || Boolean(note);
  const aria: Aria = {
    "aria-required": field.required,
    "aria-invalid": wrong || undefined,
    "aria-describedby": doubt ? `${id}-says` : undefined,
  };
  return (
    <Box
      class={wrong ? "field marked" : "field"}
      data-field={field.name}
      data-lacking={lacking || undefined}
      aria-describedby={group ? aria["aria-describedby"] : undefined}
    >
      {group && <legend>{label}</legend>}
      {/* The box of a yes or no has its words beside it. */}
      {!group && Input !== BooleanInput && <label for={id}>{label}</label>}
      {doubt && (
        <strong class="mark" id={`${id}-says`}>
          {note || remark(props)}
        </strong>
      )}
      {Input ? <Input {...props} aria={aria} /> : <output>{showValue(field, value)}</output>}
      <small class="hint">{hint}</small>
    </Box>
  );
}
