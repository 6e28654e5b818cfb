// The foot of a form: what it adds to the figures, what is missing, and how to save it.

import { toSay } from "../../core/figures";
import type { Kind } from "../../core/kind";
import type { DraftRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { nextOf } from "../../photos/take-many";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { fieldLabels, foretold } from "../../ui/show";
import { changesIn, unreadFields } from "./remarks";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly missing: readonly string[];
  /** Saving was tried: then it is said what it waits for. */
  readonly asked: boolean;
  readonly saving: boolean;
  /** It waits for a photo, or else for a PDF. */
  readonly photo: boolean;
  /** Then it is said what it will be sent with. */
  readonly returned: boolean;
  /** Saves it and goes on with the next photo; null where there is none. */
  readonly onNext: (() => void) | null;
}

export function SaveBar({ draft, kind, missing, asked, saving, photo, returned, onNext }: Props) {
  const { db } = useApp();
  // Of photos that came together the last one offers no next.
  const isLast = useLive(
    async () => draft.batch !== undefined && !(await nextOf(db, draft)),
    draft.id,
    draft.batch ? undefined : false,
  );
  const unread = asked ? unreadFields(kind, draft.now).map(({ name }) => name) : [];
  return (
    <div class="save-bar">
      <output class="figures">{foretold(kind, toSay(kind, draft, today()))}</output>
      {missing.length > 0 && <p role="alert">{t("missing", { what: missing.join(", ") })}</p>}
      {unread.length > 0 && (
        <p role="alert">{t("unread_fields", { what: fieldLabels(kind, unread).join(", ") })}</p>
      )}
      {saving && <p role="status">{t(photo ? "photo_working" : "document_reading")}</p>}
      {returned && <p>{changesIn(draft, kind)}</p>}
      <div class="row">
        <button type="submit" class="primary" disabled={saving}>
          {t(returned ? "save_again" : "save")}
        </button>
        {onNext && isLast === false && (
          <button type="button" onClick={onNext} disabled={saving}>
            {t(draft.batch ? "save_next_photo" : "save_next")}
          </button>
        )}
      </div>
    </div>
  );
}
