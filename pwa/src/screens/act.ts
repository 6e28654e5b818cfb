// An act of one tap on a record: stored on this phone, on its way, and said; a delete is taken back where it is said.
import { saveAct } from "../device/commit";
import type { Db, RecordRow } from "../device/db";
import { now as exchangeNow } from "../device/triggers";
import { t } from "../i18n/text";
import type { Written } from "../sync/draft";
import { restore } from "../sync/settle";
import { notify } from "../ui/notice";

export function act(db: Db, row: RecordRow, written: Written, done: string): void {
  const undo = async () => {
    const now = await db.get("records", row.record);
    if (now) act(db, now, restore(now.view.fields), t("restored"));
  };
  void saveAct(db, row, written)
    .then(exchangeNow)
    .then(() => notify(done, written.set["deleted"] ? { label: t("undo"), act: undo } : undefined));
}
