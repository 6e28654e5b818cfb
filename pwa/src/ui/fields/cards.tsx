// What is chosen, as cards of one tap: a slogan (last used first), a file of the campaign, a choice; several of them
// for ticks. What need not be chosen, and has no default, is let go by a second tap.

import { useState } from "preact/hooks";
import { part, type Value } from "../../core/record";
import { t } from "../../i18n/text";
import { optionsOf } from "../show";
import { type FieldProps, withPart } from "./field";

export function CardsInput({ field, id, value, set, recent, campaign }: FieldProps) {
  const { type, required } = field;
  const several = type === "ticks";
  const rank = (option: string) => (recent.indexOf(option) + 1 || recent.length + 1) - 1;
  const options = [...optionsOf(field, campaign)].sort((a, b) => rank(a.id) - rank(b.id));
  const held = (option: string) => (several ? part(value, option) === true : value === option);
  const tapped = (option: string): Value => {
    const on = !held(option);
    if (several) return withPart(value, option, on || null);
    return on || required || field.default ? option : null;
  };
  const [all, setAll] = useState(false);
  // One that was chosen stands alone: the others are behind one tap, and the form is short.
  const chosen = type === "slogan" && !all && options.some(({ id: one }) => held(one));
  const shown = chosen ? options.filter(({ id: one }) => held(one)) : options;
  return (
    <>
      <div class={`cards ${type}`}>
        {shown.map((option) => (
          <label key={option.id} class="card">
            <input
              type={several ? "checkbox" : "radio"}
              name={id}
              checked={held(option.id)}
              onClick={() => {
                set(tapped(option.id));
                setAll(false);
              }}
            />
            <span>{option.text}</span>
          </label>
        ))}
      </div>
      {chosen && options.length > 1 && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          {t("choose_other")}
        </button>
      )}
      {type === "file" && value && (
        <a class="tap" href={`#/file/${value}`}>
          {t("file_open")}
        </a>
      )}
    </>
  );
}
