// One labelled input per field, chosen by the field's type; a type of a newer kind is shown, not edited (SPEC S-11).
import type { Component } from "#view/jsx-runtime";
import { said, t } from "../../i18n/text";
import { showValue } from "../show";
import type { FieldProps } from "./field";
import { PlaceInput } from "./place";
import { ScheduleInput } from "./schedule";
import { BooleanInput, ChoiceInput, DateInput, IntegerInput, TextInput } from "./simple";
import { SloganInput } from "./slogan";

const INPUTS: Readonly<Record<string, Component<FieldProps>>> = {
  text: TextInput,
  integer: IntegerInput,
  date: DateInput,
  boolean: BooleanInput,
  choice: ChoiceInput,
  slogan: SloganInput,
  place: PlaceInput,
  schedule: ScheduleInput,
};

/** Types that are a group of inputs, or bring their own label. */
const GROUPS = ["slogan", "schedule", "place"];

interface Props extends FieldProps {
  /** A reviewer asks for this field, or it is what is missing. */
  readonly marked: boolean;
  readonly note?: string;
}

export function FieldInput({ marked, note, ...props }: Props) {
  const { field, id, value } = props;
  const Input = INPUTS[field.type];
  const label = `${said(field.label)}${field.required ? " *" : ""}`;
  const input = Input ? <Input {...props} /> : <output>{showValue(field, value)}</output>;
  const remark = (marked || note) && <strong class="mark">{note ?? t("please_check")}</strong>;
  const style = marked ? "field marked" : "field";
  if (GROUPS.includes(field.type)) {
    return (
      <fieldset class={style}>
        <legend id={`${id}-label`}>{label}</legend>
        {remark}
        {input}
      </fieldset>
    );
  }
  return (
    <div class={style}>
      {field.type !== "boolean" && <label for={id}>{label}</label>}
      {remark}
      {input}
    </div>
  );
}
