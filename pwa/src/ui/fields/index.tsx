// One labelled input per field, chosen by the field's type; a type of a newer kind is shown, not edited (SPEC S-11).
import type { Component } from "#view/jsx-runtime";
import { said, t } from "../../i18n/text";
import { showValue } from "../show";
import { CardsInput } from "./cards";
import type { FieldProps } from "./field";
import { PlaceInput } from "./place";
import { ScheduleInput } from "./schedule";
import { BooleanInput, DateInput, IntegerInput, TextInput } from "./simple";

const INPUTS: Readonly<Record<string, Component<FieldProps>>> = {
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

/** Types that are one input; the others are a group of them. */
const SINGLE = ["text", "integer", "date", "boolean"];

interface Props extends FieldProps {
  /** A reviewer asks for this field, or it is what is missing. */
  readonly marked: boolean;
  readonly note: string;
}

export function FieldInput({ marked, note, ...props }: Props) {
  const { field, id, value } = props;
  const Input = INPUTS[field.type];
  const label = `${said(field.label)}${field.required ? " *" : ""}`;
  const group = Input && !SINGLE.includes(field.type);
  const Box = group ? "fieldset" : "div";
  return (
    <Box class={marked ? "field marked" : "field"}>
      {group && <legend>{label}</legend>}
      {/* The box of a yes or no has its words beside it. */}
      {!group && field.type !== "boolean" && <label for={id}>{label}</label>}
      {(marked || note) && <strong class="mark">{note || t("please_check")}</strong>}
      {Input ? <Input {...props} /> : <output>{showValue(field, value)}</output>}
    </Box>
  );
}
