// The checklist for a victim who came back, without a network: a category and a date choose what is printed. They stand in
// no address and no database, and nothing is asked about a person.

import { useState } from "#view/hooks";
import table from "../../../sync/regimes.json?url";
import { today } from "../device/clock";
import { said, t } from "../i18n/text";
import { lawOn, type Printed, printed, type Regimes } from "../sync/regimes";
import { useLive } from "../ui/live";
import { Section } from "../ui/section";

let fetched: Promise<Regimes> | undefined;

function regimes(): Promise<Regimes> {
  fetched ??= fetch(table).then((answer) => answer.json());
  return fetched;
}

export function RegimesScreen() {
  const told = useLive(regimes);
  const [day, setDay] = useState(today());
  const [chosen, choose] = useState("");
  const law = told && day <= today() ? lawOn(told, day) : undefined;
  const category = law?.categories.find(({ id }) => id === chosen) ?? law?.categories[0];
  return (
    <>
      <h1 class="asks">{t("regimes")}</h1>
      <form class="asks">
        <label>
          <small>{t("regimes_received")}</small>
          <input type="date" value={day} onInput={(event) => setDay(event.currentTarget.value)} />
        </label>
        {law && (
          <label>
            <small>{t("regimes_category")}</small>
            <select value={category?.id} onChange={(event) => choose(event.currentTarget.value)}>
              {law.categories.map(({ id, label }) => (
                <option key={id} value={id}>
                  {said(label)}
                </option>
              ))}
            </select>
          </label>
        )}
        {law && (
          <p>
            <button type="button" class="primary" onClick={() => print()}>
              {t("regimes_print")}
            </button>
          </p>
        )}
      </form>
      {told && !law && <p role="alert">{t("regimes_none")}</p>}
      {told && law && category && (
        <article lang="vi">
          <h2>{told.words["title"]}</h2>
          <dl>
            <dt>{told.words["for"]}</dt>
            <dd>
              {category.label["vi"]} {category.check && told.words["check"]}
            </dd>
            <dt>{told.words["received"]}</dt>
            <dd>{day.split("-").reverse().join("/")}</dd>
            <dt>{told.words["law"]}</dt>
            <dd>{law.name["vi"]}</dd>
            <dt>{told.words["code"]}</dt>
            <dd>…………………………</dd>
          </dl>
          <Rows title={told.words["benefits"]} rows={printed(law.benefits, category.id, told.words)} />
          <Rows title={told.words["steps"]} rows={printed(law.steps, category.id, told.words)} />
          {[...law.notes, told.words["note"]].map((note) => (
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
