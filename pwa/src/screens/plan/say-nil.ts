// "Không phát sinh" is a register of the unit's one record of acts (SPEC F-6): a phone uses the one it holds, or makes
// it. Where two phones made one each, it is said, and taken back, in both; what a unit that was merged said is taken back.
import { saveAct, saveDraft } from "../../device/commit";
import type { RecordRow } from "../../device/db";
import { newId } from "../../device/random";
import { now as exchangeNow } from "../../device/triggers";
import { nilRegister, saysNil } from "../../sync/plan";
import { settle } from "../../sync/settle";
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
