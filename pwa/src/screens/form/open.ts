// Opens the form of a record that is there.
import type { Db, RecordRow } from "../../device/db";
import { beginEdit } from "../../device/drafts";
import { go } from "../../ui/router";

export function openForm(db: Db, row: RecordRow): void {
  void beginEdit(db, row).then((draft) => go(`form/${draft}`));
}
