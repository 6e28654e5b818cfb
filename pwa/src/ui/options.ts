// What there is to choose from in a field: the campaign's slogans, its files of one use, or the kind's own choices.
import type { Campaign } from "../device/catalog";
import { said } from "../i18n/text";
import type { Field } from "../sync/kind";

export interface Option {
  readonly id: string;
  readonly text: string;
}

export function optionsOf({ type, files, choices = [] }: Field, campaign?: Campaign): readonly Option[] {
  if (type === "slogan") return campaign?.slogans ?? [];
  if (type !== "file") return choices.map(({ value, label }) => ({ id: value, text: said(label) }));
  const ours = campaign?.files?.filter((file) => file.use === files) ?? [];
  return ours.map(({ id, title }) => ({ id, text: title }));
}
