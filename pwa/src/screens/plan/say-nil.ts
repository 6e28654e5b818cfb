// "Không phát sinh" is a register of the unit's one record of acts (SPEC F-6): a phone uses the one it holds, or makes
// it. Where two phones made one each, either says it, and it is taken back in both.
import { saveAct, saveDraft } from "../../device/commit";
import type { RecordRow } from "../../device/db";
import { newId } from "../../device/random";
import { now as exchangeNow } from "../../device/triggers";
import { t } from "../../i18n/text";
import { nilRegister, saysNil } from "../../sync/plan";
import { settle } from "../../sync/settle";
import type { App } from "../../ui/app-context";
import { notify } from "../../ui/notice";

export async function sayNil(
  { db, catalog, campaign, unit }: App,
  acts: readonly RecordRow[],
  figure: string,
): Promise<void> {
  const register = nilRegister(figure);
  const [first] = acts;
  const kind = catalog.kinds.find((one) => one.act)?.kind;
  if (first) await saveAct(db, first, settle(first.view.fields, { [register]: true }));
  else if (kind && campaign && unit) {
    const id = newId();
    const made = { id, record: id, kind, unit: unit.id, campaign: campaign.id, corrects: [] };
    await saveDraft(db, made, { set: { [register]: true, submitted: true }, seen: [] });
  }
  exchangeNow();
  notify(t("nil_said"));
}

export async function takeNilBack({ db }: App, acts: readonly RecordRow[], figure: string): Promise<void> {
  const register = nilRegister(figure);
  for (const row of acts) {
    const { fields } = row.view;
    if (saysNil(fields, figure)) await saveAct(db, row, settle(fields, { [register]: null }));
  }
  exchangeNow();
  notify(t("nil_taken_back"));
}
