// A record as this phone knows it: photos, fields, state, sides, and what can be done with it.
import { saveAct } from "../../device/commit";
import { beginEdit } from "../../device/drafts";
import { now as exchangeNow } from "../../device/triggers";
import { said, t } from "../../i18n/text";
import type { Written } from "../../sync/draft";
import { conflicts, values } from "../../sync/record";
import { erase, restore } from "../../sync/settle";
import { useApp } from "../../ui/app-context";
import { showFigures } from "../../ui/figures";
import { Chips } from "../../ui/item";
import { useLive } from "../../ui/live";
import { notify, notifyFailure } from "../../ui/notice";
import { Picture, photosIn } from "../../ui/picture";
import { go } from "../../ui/router";
import { showValue } from "../../ui/show";
import { Refusal } from "../sync/refusal";
import { Conflict } from "./conflict";
import { History } from "./history";

export function RecordScreen({ id }: { readonly id: string }) {
  const { db, catalog } = useApp();
  const row = useLive((record) => db.get("records", record).then((found) => found ?? null), id);
  if (row === undefined) return null;
  if (row === null) return <p class="empty">{t("record_gone")}</p>;
  const kind = catalog.kinds.find((one) => one.kind === row.kind);
  const campaign = catalog.campaigns.find((one) => one.id === row.campaign);
  const { fields, state, marks } = row.view;
  const held = values(fields);
  const known = kind?.fields ?? [];
  const other = Object.keys(held).filter(
    (name) => isOther(name) && !known.some((field) => field.name === name),
  );
  const rows = [...known.map((field) => field.name).filter((name) => name in fields), ...other];

  const act = (written: Written, done: string) => {
    saveAct(db, row, written)
      .then(exchangeNow)
      .then(() => notify(done))
      .catch(notifyFailure);
  };
  const edit = () => {
    beginEdit(db, row)
      .then((draft) => go(`form/${draft}`))
      .catch(notifyFailure);
  };

  return (
    <article>
      <h1>
        {said(kind?.label)} {row.number}
      </h1>
      <Chips row={row} />
      {state === "returned" && row.decision && (
        <p class="alert">
          <strong>{t("returned_by", { by: row.decision.by })}</strong> {row.decision.reason}
        </p>
      )}
      {state === "not_counted" && <p class="alert">{row.decision?.reason}</p>}
      <Refusal record={id} onCorrect={edit} />
      {conflicts(fields).map((name) => (
        <Conflict key={name} row={row} kind={kind} field={name} act={act} edit={edit} />
      ))}
      {marks.includes("edited_while_deleted") && (
        <section class="alert" aria-label={t("delete_or_keep")}>
          <p>{t("delete_or_keep")}</p>
          <button type="button" class="primary" onClick={() => act(restore(fields), t("kept"))}>
            {t("keep_record")}
          </button>
          <button type="button" onClick={() => act(erase(fields), t("deleted"))}>
            {t("delete_record")}
          </button>
        </section>
      )}
      <div class="photos">
        {photosIn(held).map(([name, value]) => (
          <Picture key={name} record={id} field={name} value={value} size="full" />
        ))}
      </div>
      <dl>
        {rows.map((name) => {
          const field = known.find((one) => one.name === name);
          return (
            <div
              key={name}
              class={row.decision?.fields.includes(name) && state === "returned" ? "marked" : ""}
            >
              <dt>{field ? said(field.label) : name}</dt>
              <dd>{showValue(field, held[name], campaign)}</dd>
            </div>
          );
        })}
      </dl>
      {kind && showFigures(kind, held) && <p class="figures">= {showFigures(kind, held)}</p>}
      <div class="row">
        {row.view.hidden ? (
          <button type="button" class="primary" onClick={() => act(restore(fields), t("restored"))}>
            {t("restore")}
          </button>
        ) : (
          <>
            <button type="button" class="primary" onClick={edit}>
              {t(state === "returned" ? "correct" : "edit")}
            </button>
            <button type="button" onClick={() => act(erase(fields), t("deleted"))}>
              {t("delete_record")}
            </button>
          </>
        )}
      </div>
      <History row={row} kind={kind} />
    </article>
  );
}

function isOther(name: string): boolean {
  return !name.startsWith("photos/") && name !== "deleted" && name !== "submitted";
}
