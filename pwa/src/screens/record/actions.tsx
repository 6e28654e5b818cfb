// What can be done with a record by one tap; in an archived campaign it is only read (SPEC L-5). Each act has seen what its button was drawn over (SPEC W-6).

import type { Written } from "../../core/draft";
import { values } from "../../core/record";
import { erase, restore } from "../../core/settle";
import { isArchived } from "../../db/catalog";
import type { RecordRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { photosIn } from "../../ui/picture";
import { TakenDown } from "../act";
import { share } from "../share";

export interface Acts {
  readonly row: RecordRow;
  readonly act: (written: Written, done: string) => void;
  readonly edit: () => void;
}

export function Actions({ row, act, edit }: Acts) {
  const app = useApp();
  const { fields, hidden, state } = row.view;
  const ended = isArchived(app.catalog, row);
  if (hidden) {
    if (ended) return null;
    return (
      <button type="button" class="primary" onClick={() => act(restore(fields), t("restored"))}>
        {t("restore")}
      </button>
    );
  }
  return (
    <div class="row">
      {!ended && (
        <>
          <button type="button" class="primary" onClick={edit}>
            {t(state === "returned" ? "correct" : "edit")}
          </button>
          <TakenDown row={row} />
        </>
      )}
      {photosIn(values(fields)).length > 0 && (
        <button type="button" onClick={() => void share(app, row.record)}>
          {t("share")}
        </button>
      )}
      {!ended && (
        <button type="button" onClick={() => act(erase(fields), t("deleted"))}>
          {t("delete_record")}
        </button>
      )}
    </div>
  );
}

/** S-8: one person deleted it, another edited it; either way is a write like any other. */
export function KeepOrDelete({ row, act }: Acts) {
  const { catalog } = useApp();
  const { fields, marks } = row.view;
  if (!marks.includes("edited_while_deleted") || isArchived(catalog, row)) return null;
  return (
    <section class="alert" aria-label={t("delete_or_keep")}>
      <p>{t("delete_or_keep")}</p>
      <button type="button" class="primary" onClick={() => act(restore(fields), t("kept"))}>
        {t("keep_record")}
      </button>
      <button type="button" onClick={() => act(erase(fields), t("deleted"))}>
        {t("delete_record")}
      </button>
    </section>
  );
}
