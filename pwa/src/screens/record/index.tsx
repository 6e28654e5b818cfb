// A record as this phone knows it: its state, what it says, both sides where two people edited, what can be done.
import { saveAct } from "../../device/commit";
import type { RecordRow } from "../../device/db";
import { now as exchangeNow } from "../../device/triggers";
import { said, t } from "../../i18n/text";
import type { Written } from "../../sync/draft";
import { conflicts } from "../../sync/record";
import { useApp } from "../../ui/app-context";
import { Chips } from "../../ui/item";
import { useLive } from "../../ui/live";
import { notify, notifyFailure } from "../../ui/notice";
import { openForm } from "../form/open";
import { Refusal } from "../sync/refusal";
import { Actions, KeepOrDelete } from "./actions";
import { Conflict } from "./conflict";
import { History } from "./history";
import { RecordValues } from "./values";

export function RecordScreen({ id }: { readonly id: string }) {
  const { db } = useApp();
  const row = useLive((record) => db.get("records", record).then((found) => found ?? null), id);
  if (row === undefined) return null;
  return row ? <Shown row={row} /> : <p class="empty">{t("record_gone")}</p>;
}

function Shown({ row }: { readonly row: RecordRow }) {
  const { db, catalog } = useApp();
  const kind = catalog.kinds.find((one) => one.kind === row.kind);
  const act = (written: Written, done: string) => {
    saveAct(db, row, written)
      .then(exchangeNow)
      .then(() => notify(done))
      .catch(notifyFailure);
  };
  const edit = () => openForm(db, row);
  const acts = { row, act, edit };
  return (
    <article>
      <h1>
        {said(kind?.label)} {row.number}
      </h1>
      <Chips row={row} />
      <Decided row={row} />
      <Refusal record={row.record} onCorrect={edit} />
      {conflicts(row.view.fields).map((name) => (
        <Conflict key={name} kind={kind} field={name} {...acts} />
      ))}
      <KeepOrDelete {...acts} />
      <RecordValues row={row} kind={kind} />
      <Actions {...acts} />
      <History row={row} kind={kind} />
    </article>
  );
}

/** What a reviewer gave as the reason, while it stands. */
function Decided({ row }: { readonly row: RecordRow }) {
  const { decision, view } = row;
  const { state } = view;
  if (!(decision && (state === "returned" || state === "not_counted"))) return null;
  return (
    <p class="alert">
      <strong>{t(`${state}_by`, { by: decision.by })}</strong> {decision.reason}
    </p>
  );
}
