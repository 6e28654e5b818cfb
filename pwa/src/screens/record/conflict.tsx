// Two people edited the same field: both sides with who and when, settled by one tap, offline too (SPEC S-4, S-5).
import { useState } from "#view/hooks";
import { t } from "../../i18n/text";
import type { Kind } from "../../sync/kind";
import { type Side, sides } from "../../sync/record";
import { settle } from "../../sync/settle";
import { equal, type Value } from "../../sync/write";
import { useApp } from "../../ui/app-context";
import { fieldLabel, showTime, showValue } from "../../ui/show";
import type { Acts } from "./actions";

interface Props extends Acts {
  readonly kind: Kind | undefined;
  readonly field: string;
}

export function Conflict({ row, kind, field, act, edit }: Props) {
  const { catalog, campaign } = useApp();
  // W-6: a side that arrives while this is looked at is not settled by a tap on what was drawn before it.
  const [drawn, setDrawn] = useState(row.view.fields);
  const described = kind?.fields.find((one) => one.name === field);
  const news = ids(row.view.fields[field]) !== ids(drawn[field]);
  const label = fieldLabel(kind, field);
  const choice = (value: Value) => {
    const held = (drawn[field] ?? []).filter((side) => equal(side.value, value));
    const mine = held.some((side) => side.by === catalog.officer.name);
    return (
      <li key={held[0]?.id}>
        <p class="side">
          <strong>{showValue(described, value, campaign)}</strong>
          {held.map((side) => (
            <small key={side.id}>
              {side.by} · {showTime(side.at)}
            </small>
          ))}
        </p>
        <button type="button" onClick={() => act(settle(drawn, field, value), t("settled"))}>
          {t(mine ? "keep_mine" : "keep_theirs")}
        </button>
      </li>
    );
  };
  return (
    <section class="alert" aria-label={t("conflict_in", { field: label })}>
      <h2>{t("conflict_in", { field: label })}</h2>
      <ul class="sides">{sides(drawn, field).map(choice)}</ul>
      {news && (
        <button type="button" class="primary" onClick={() => setDrawn(row.view.fields)}>
          {t("conflict_news")}
        </button>
      )}
      <button type="button" onClick={edit}>
        {t("edit_again")}
      </button>
    </section>
  );
}

function ids(alive: readonly Side[] = []): string {
  return alive.map((side) => side.id).join();
}
