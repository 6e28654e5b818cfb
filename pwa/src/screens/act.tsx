// An act of one tap on a record: stored on this phone, on its way, and said; a delete is taken back where it is said.

import type { Written } from "../core/draft";
import { value } from "../core/record";
import { restore, settle } from "../core/settle";
import { kindOf } from "../db/catalog";
import type { Db, RecordRow } from "../db/schema";
import { exchangeNow } from "../exchange/triggers";
import { t } from "../i18n/text";
import { beginEdit } from "../outbox/drafts";
import { saveAct } from "../outbox/save";
import { today } from "../platform/clock";
import { useApp } from "../ui/app-context";
import { notify } from "../ui/notice";
import { go } from "../ui/router";

export function act(db: Db, row: RecordRow, written: Written, done: string): void {
  const undo = async () => {
    const now = await db.get("records", row.record);
    if (now) act(db, now, restore(now.view.fields), t("restored"));
  };
  void saveAct(db, row, written)
    .then(exchangeNow)
    .then(() => notify(done, written.set["deleted"] ? { label: t("undo"), act: undo } : undefined));
}

/** Opens the form of a record that is there. */
export function openForm(db: Db, row: RecordRow): void {
  void beginEdit(db, row).then((draft) => go(`form/${draft}`));
}

/** One tap: what was put up is down, today. Another day is a matter of editing. */
export function TakenDown({ row }: { readonly row: RecordRow }) {
  const { db, catalog } = useApp();
  const { fields } = row.view;
  const life = kindOf(catalog, row.kind)?.life;
  if (!(life && value(fields, life.from)) || fields[life.to]?.some((side) => side.value)) return null;
  const down = () => act(db, row, settle(fields, { [life.to]: today() }), t("taken_down_said"));
  return (
    <button type="button" onClick={down}>
      {t("taken_down")}
    </button>
  );
}
