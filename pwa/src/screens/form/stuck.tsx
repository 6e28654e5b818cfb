// Shots and files of a form that could not be taken in: they lie here as they came until the officer decides, and saving waits.
import type { Kind } from "../../core/kind";
import type { CaptureRow, DraftRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { dropCapture } from "../../outbox/captures";
import { UNREADABLE } from "../../photos/finish";
import { useApp } from "../../ui/app-context";
import { give } from "../../ui/give";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { TwoTap } from "../../ui/two-tap";
import { faultText } from "./remarks";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  /** Tries all of them again. */
  readonly again: () => Promise<void>;
  /** Nothing of this form is being taken in: what lies there all the same was left by a page that failed. */
  readonly idle: boolean;
}

export function Stuck({ draft, kind, again, idle }: Props) {
  const { db } = useApp();
  const all = useLive(() => db.getAll("captures", "draft", draft.id)) ?? [];
  const stuck = all.filter(({ code }) => code || idle);
  const save = async ({ id, name, type, is }: CaptureRow) => {
    const bytes = await db.get("originals", id).catch(() => undefined);
    const ending = is === "pdf" ? "pdf" : (type.split("/")[1] ?? "jpeg");
    if (bytes) await give(new File([bytes], name || `${id}.${ending}`, { type }));
    else notify(faultText(kind, UNREADABLE));
  };
  return (
    <>
      {stuck.map((row) => (
        <div key={row.id} class="alert" role="alert" data-lacking>
          <p>
            {row.name && `${row.name}: `}
            {row.code ? faultText(kind, row.code) : t("capture_lies")}
          </p>
          <div class="row">
            <button type="button" class="primary" onClick={() => void again()}>
              {t("try_again")}
            </button>
            {row.code !== UNREADABLE && (
              <button type="button" onClick={() => void save(row).catch(() => undefined)}>
                {t("capture_give")}
              </button>
            )}
          </div>
          <TwoTap
            label={t("photo_remove")}
            question={t("capture_drop_question")}
            act={() => dropCapture(db, row.id)}
          />
        </div>
      ))}
    </>
  );
}
