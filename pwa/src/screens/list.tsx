// Records under their heading, a page at a time.
import { PAGE } from "../db/queries";
import { t } from "../i18n/text";
import { Item } from "../ui/item";
import { Section } from "../ui/section";

interface MoreProps {
  readonly found: number;
  readonly most: number;
  readonly set: (most: number) => void;
}

/** One row more than is shown was asked for, to know whether there is more. */
export function More({ found, most, set }: MoreProps) {
  if (found <= most) return null;
  return (
    <button type="button" onClick={() => set(most + PAGE)}>
      {t("show_more")}
    </button>
  );
}

interface Props {
  readonly title: string;
  /** In two lines each. */
  readonly brief?: boolean;
  readonly rows: Parameters<typeof Item>[0]["row"][];
}

export function List({ title, brief, rows }: Props) {
  if (rows.length === 0) return null;
  return (
    <Section title={title}>
      <ul class="items">
        {rows.map((row) => (
          <li key={row.record}>
            <Item row={row} brief={brief} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
