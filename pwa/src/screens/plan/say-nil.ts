// "Không phát sinh" is a register of the unit's one record of acts (SPEC F-6): a phone uses the one it holds, or makes
// it. Where two phones made one each, it is said, and taken back, in both; what a unit that was merged said is taken back.

import { nilRegister, saysNil } from "../../core/plan";
import { settle } from "../../core/settle";
import type { RecordRow } from "../../db/schema";
import { exchangeNow } from "../../exchange/triggers";
import { saveAct, saveDraft } from "../../outbox/save";
import { newId } from "../../platform/ids";
import type { App } from "../../ui/app-context";

export async function sayNil(
  { db, catalog, campaign, unit }: App,
  acts: readonly RecordRow[],
  figure: string,
  nil: true | null,
): Promise<void> {
  const set = { [nilRegister(figure)]: nil };
  const own = acts.filter((row) => row.unit === unit?.id);
  for (const row of nil ? own : acts.filter(({ view }) => saysNil(view.fields, figure))) {
    await saveAct(db, row, settle(row.view.fields, set));
  }
  const kind = catalog.kinds.find((one) => one.act)?.kind;
  if (nil && own.length === 0 && kind && campaign && unit) {
    const id = newId();
    const made = { id, record: id, kind, unit: unit.id, campaign: campaign.id, corrects: [] };
    await saveDraft(db, made, { set: { ...set, submitted: true }, seen: [] });
  }
  exchangeNow();
}
