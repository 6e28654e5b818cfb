// What is chosen, as cards of one tap: a slogan (last used first), a file of the campaign, a choice of few; several of
// them for ticks. What need not be chosen is let go by a second tap.
import { t } from "../../i18n/text";
import type { Value } from "../../sync/write";
import { useApp } from "../app-context";
import { optionsOf } from "../options";
import { part } from "../show";
import { type FieldProps, typed, withPart } from "./field";

/** More than these are a list that opens; slogans are read before they are chosen. */
const FEW = 6;

export function CardsInput({ field, id, value, set, recent }: FieldProps) {
  const { campaign } = useApp();
  const { type, required } = field;
  const several = type === "ticks";
  const named = { id, "aria-labelledby": `${id}-label` };
  const rank = (option: string) => (recent.indexOf(option) + 1 || recent.length + 1) - 1;
  const options = [...optionsOf(field, campaign)].sort((a, b) => rank(a.id) - rank(b.id));
  const held = (option: string) => (several ? part(value, option) === true : value === option);
  const tapped = (option: string): Value => {
    const on = !held(option);
    if (several) return withPart(value, option, on || null);
    return on || required ? option : null;
  };
  return (
    <>
      {options.length > FEW && type === "choice" ? (
        <select {...named} value={String(value ?? "")} onChange={(event) => set(typed(event))}>
          {!(required && value) && <option value="" />}
          {options.map((option) => (
            <option key={option.id} value={option.id}>
              {option.text}
            </option>
          ))}
        </select>
      ) : (
        <div {...named} class={`cards ${type}`} role={several ? "group" : "radiogroup"}>
          {options.map((option) => (
            <label key={option.id} class="card">
              <input
                type={several ? "checkbox" : "radio"}
                name={id}
                checked={held(option.id)}
                onClick={() => set(tapped(option.id))}
              />
              <span>{option.text}</span>
            </label>
          ))}
        </div>
      )}
      {type === "file" && value && (
        <a class="tap" href={`#/file/${value}`}>
          {t("file_open")}
        </a>
      )}
    </>
  );
}
