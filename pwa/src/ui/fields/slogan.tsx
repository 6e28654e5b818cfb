// The campaign's slogans as cards, last used first: one tap.
import { useApp } from "../app-context";
import type { FieldProps } from "./field";

export function SloganInput({ id, value, set, recent }: FieldProps) {
  const { campaign } = useApp();
  const rank = (slogan: { readonly id: string }) => {
    const at = recent.indexOf(slogan.id);
    return at < 0 ? recent.length : at;
  };
  const slogans = [...(campaign?.slogans ?? [])].sort((a, b) => rank(a) - rank(b));
  return (
    <div class="cards" id={id} role="radiogroup" aria-labelledby={`${id}-label`}>
      {slogans.map((slogan) => (
        <label key={slogan.id} class="card">
          <input type="radio" name={id} checked={value === slogan.id} onChange={() => set(slogan.id)} />
          <span>{slogan.text}</span>
        </label>
      ))}
    </div>
  );
}
