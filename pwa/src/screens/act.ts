// An act of one tap on a record: stored on this phone, on its way, and said.
import { saveAct } from "../device/commit";
import type { Db, RecordRow } from "../device/db";
import { now as exchangeNow } from "../device/triggers";
import type { Written } from "../sync/draft";
import { notify } from "../ui/notice";

export function act(db: Db, row: RecordRow, written: Written, done: string): void {
  void saveAct(db, row, written)
    .then(exchangeNow)
    .then(() => notify(done));
}
