// The checklist for a victim who came back, without a network: a category and a date choose what is printed. They stand in
// no address and no database, and nothing is asked about a person. The table comes with the app, newer lines from the server.

import { useState } from "preact/hooks";
import address from "../../../sync/regimes.json?url";
import { lawOn, type Printed, printed, type Regimes } from "../core/regimes";
import { meta } from "../db/schema";
import { said, t } from "../i18n/text";
import { today } from "../platform/clock";
import { useApp } from "../ui/app-context";
import { whyNoDay } from "../ui/fields/field";
import { DateInput } from "../ui/fields/simple";
import { useLive } from "../ui/live";
import { Section } from "../ui/section";
import { showDay } from "../ui/show";

let held: Regimes | undefined;

/** Null where neither this phone nor the network has it. */
async function regimes(): Promise<Regimes | null> {
  if (held) return held;
  try {
    const answer = await fetch(address);
    if (answer.ok) held = await answer.json();
  } catch {
    // Without a network, and not kept: asked again at the next change.
  }
  return held ?? null;
}

export function RegimesScreen() {
  const { db } = useApp();
  const table = useLive(regimes);
  const versions = useLive(async () => (await meta(db, "regimes"))?.lines ?? []);
  const [day, setDay] = useState(today());
  const [chosen, choose] = useState("");
  const law = table && versions && !whyNoDay(day) && day <= today() ? lawOn(table, day, versions) : undefined;
  const category = law?.categories.find(({ id }, nth) => (chosen ? id === chosen : nth === 0));
  return (
    <>
      <h1 class="asks">{t("regimes")}</h1>
      <form class="asks">
        <label>
          <small>{t("regimes_received")}</small>
          <DateInput value={day || null} set={(typed) => setDay(String(typed ?? ""))} />
        </label>
        {law && (
          <label>
            <small>{t("regimes_category")}</small>
            <select value={category?.id ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
              {!category && <option value="">…</option>}
              {law.categories.map(({ id, label }) => (
                <option key={id} value={id}>
                  {said(label)}
                </option>
              ))}
            </select>
          </label>
        )}
        {category && (
          <p>
            <button type="button" class="primary" onClick={() => print()}>
              {t("regimes_print")}
            </button>
          </p>
        )}
      </form>
      {table === null && <p role="alert">{t("unreachable")}</p>}
      {table && versions && !law && <p role="alert">{t("regimes_none")}</p>}
      {law && !category && <p role="alert">{t("regimes_other")}</p>}
      {table && law && category && (
        <article lang="vi">
          <h2>{table.words["title"]}</h2>
          <dl>
            <dt>{table.words["for"]}</dt>
            <dd>
              {category.label["vi"]} {category.check && table.words["check"]}
            </dd>
            <dt>{table.words["received"]}</dt>
            <dd>{showDay(day)}</dd>
            <dt>{table.words["law"]}</dt>
            <dd>
              {law.name["vi"]} {law.check.length > 0 && table.words["check"]}{" "}
              {law.updated && `(${table.words["updated"]?.replace("{day}", showDay(law.updated))})`}
            </dd>
            <dt>{table.words["code"]}</dt>
            <dd>…………………………</dd>
          </dl>
          <Rows title={table.words["benefits"]} rows={printed(law.benefits, category.id, table.words)} />
          <Rows title={table.words["steps"]} rows={printed(law.steps, category.id, table.words)} />
          {[...law.notes, table.words["note"]].map((note) => (
            <p key={note}>
              <small>{note}</small>
            </p>
          ))}
        </article>
      )}
    </>
  );
}

function Rows({
  title = "",
  rows,
}: {
  readonly title: string | undefined;
  readonly rows: readonly Printed[];
}) {
  return (
    <Section title={title}>
      <ul class="items">
        {rows.map(({ id, title: what, lines, papers }) => (
          <li key={id} class="asked">
            <b>☐ {what}</b>
            {lines.map((line) => (
              <small key={line}>{line}</small>
            ))}
            {papers.map((paper) => (
              <small key={paper}>☐ {paper}</small>
            ))}
          </li>
        ))}
      </ul>
    </Section>
  );
}
