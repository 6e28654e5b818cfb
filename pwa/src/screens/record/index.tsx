// A record as this phone knows it: its state, what it says, both sides where two people edited, what can be done.
import { useState } from "preact/hooks";
import type { Written } from "../../core/draft";
import { conflicts } from "../../core/record";
import { verdictToRead } from "../../core/view";
import { isArchived, kindOf } from "../../db/catalog";
import type { RecordRow } from "../../db/schema";
import { said, t } from "../../i18n/text";
import { asPractised, PRACTICE } from "../../outbox/practice";
import { useApp } from "../../ui/app-context";
import { Chips, otherUnit } from "../../ui/item";
import { useLive } from "../../ui/live";
import { tappedRow } from "../../ui/record-link";
import { cameFrom } from "../../ui/router";
import { fieldLabels } from "../../ui/show";
import { act } from "../act";
import { openForm } from "../form/begin";
import { Refusal } from "../sync/refusal";
import { Actions, KeepOrDelete } from "./actions";
import { Aired } from "./aired";
import { Conflict } from "./conflict";
import { Decided } from "./decided";
import { History } from "./history";
import { ReplyTo } from "./reply";
import { Talk } from "./talk";
import { RecordValues } from "./values";

export function RecordScreen({ id }: { readonly id: string }) {
  const { db } = useApp();
  const [tapped] = useState(() => tappedRow(id));
  const read = async () => {
    const found = (await asPractised(db, await db.get("records", id))) ?? null;
    // What is drawn already is not drawn again.
    return JSON.stringify(found) === JSON.stringify(tapped) ? tapped : found;
  };
  const row = useLive<RecordRow | null | undefined>(read, id, tapped);
  if (row === undefined) return null;
  return row ? <Shown row={row} /> : <h1>{t("record_gone")}</h1>;
}

function Shown({ row }: { readonly row: RecordRow }) {
  const app = useApp();
  const { db, catalog } = app;
  const { decision, view } = row;
  const [searched] = useState(() => cameFrom() === "search");
  const verdict = verdictToRead(view, decision);
  const kind = kindOf(catalog, row.kind);
  // A return is answered first, by its own answer; an older server takes no other words.
  const owed = decision && decision.id !== PRACTICE && verdict === "returned" && !decision.reply;
  // About a record that the server does not have nobody above can be asked.
  const talks = catalog.messages === true && row.last > 0 && !owed && !isArchived(catalog, row);
  const edit = () => openForm(db, row);
  const acts = { row, act: (written: Written, done: string) => act(db, row, written, done, kind), edit };
  return (
    <article>
      {searched && (
        <button type="button" class="plain" onClick={() => history.back()}>
          ‹ {t("search_back")}
        </button>
      )}
      <h1>
        {said(kind?.label)}{" "}
        <span class="number">
          {otherUnit(app, row.unit)} {row.number}
        </span>
      </h1>
      <Chips row={row} />
      {decision && verdict && (
        <Decided state={verdict} {...decision} marked={fieldLabels(kind, decision.fields)} />
      )}
      {decision && decision.id !== PRACTICE && verdict === "returned" && (
        <ReplyTo record={row.record} decision={decision} />
      )}
      <Refusal record={row.record} onCorrect={edit} />
      {!(view.hidden || isArchived(catalog, row)) &&
        conflicts(view.fields).map((name) => <Conflict key={name} kind={kind} field={name} {...acts} />)}
      <KeepOrDelete {...acts} />
      <Aired kind={kind} {...acts} />
      <RecordValues row={row} kind={kind} />
      {!kind?.act && <Actions {...acts} />}
      <Talk row={row} writes={talks} />
      <History row={row} kind={kind} />
    </article>
  );
}
