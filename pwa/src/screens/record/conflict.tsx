// Two people edited the same field: both sides with who and when, settled by one tap, offline too (SPEC S-4, S-5).
import { useState } from "preact/hooks";
import type { Kind } from "../../core/kind";
import { equal, type Side, sides, type Value } from "../../core/record";
import { settle } from "../../core/settle";
import { byId } from "../../db/catalog";
import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { Section } from "../../ui/section";
import { fieldLabel, fieldOf, showSaid, showValue } from "../../ui/show";
import type { Acts } from "./actions";

interface Props extends Acts {
  readonly kind: Kind | undefined;
  readonly field: string;
}

export function Conflict({ row, kind, field, act, edit }: Props) {
  const { db, catalog } = useApp();
  const campaign = byId(catalog.campaigns, row.campaign);
  // W-6: a side that arrives while this is looked at is not settled by a tap on what was drawn before it.
  const [drawn, setDrawn] = useState(row.view.fields);
  const own = useLive(() => db.getAll("writes", "record", row.record));
  const described = fieldOf(kind, field);
  const changed = ids(row.view.fields[field]) !== ids(drawn[field]);
  const choice = (value: Value) => {
    const held = (drawn[field] ?? []).filter((side) => equal(side.value, value));
    const mine = held.some((side) => own?.some(({ id }) => id === side.id));
    return (
      <li key={held[0]?.id}>
        <p class="side">
          <strong>{showValue(described, value, campaign)}</strong>
          {held.map((side) => (
            <small key={side.id}>{showSaid(side)}</small>
          ))}
        </p>
        <button type="button" onClick={() => act(settle(drawn, { [field]: value }), t("settled"))}>
          {mine
            ? t("keep_mine")
            : t("keep_theirs", { name: [...new Set(held.map(({ by }) => by))].join(", ") })}
        </button>
      </li>
    );
  };
  const texts = sides(drawn, field);
  const both = texts.join("; ");
  const joins = described?.type === "text" && both.length <= (described.max_length ?? both.length);
  // Two people may have one name: whose a side is stands in the writes of this phone.
  if (!own) return null;
  return (
    <Section class="alert" title={t("conflict_in", { field: fieldLabel(kind, field) })}>
      <ul class="sides">{texts.map(choice)}</ul>
      {joins && (
        <button type="button" onClick={() => act(settle(drawn, { [field]: both }), t("settled"))}>
          {t("keep_both")}
        </button>
      )}
      {changed && (
        <button type="button" class="primary" onClick={() => setDrawn(row.view.fields)}>
          {t("conflict_news")}
        </button>
      )}
      <button type="button" onClick={edit}>
        {t("edit_again")}
      </button>
    </Section>
  );
}

function ids(alive: readonly Side[] = []): string {
  return alive.map((side) => side.id).join();
}
