// The head of a form: what is recorded, the how manieth of several, what is kept from the one before, and the last one again by
// one tap.
import { useState } from "preact/hooks";
import { lasting } from "../../core/draft";
import type { Kind } from "../../core/kind";
import { byId } from "../../db/catalog";
import type { DraftRow } from "../../db/schema";
import { said, t } from "../../i18n/text";
import { likeLastTime } from "../../outbox/drafts";
import { isTimeSure } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { useLive } from "../../ui/live";
import { fieldLabels } from "../../ui/show";
import { savedInSeries } from "./begin";
import type { SetAll } from "./use-draft";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly setAll: SetAll;
}

export function FormHead({ draft, kind, setAll }: Props) {
  const { db, catalog } = useApp();
  const campaign = byId(catalog.campaigns, draft.campaign);
  const [inSeries] = useState(savedInSeries);
  const isNew = draft.record === draft.id && !draft.replaces;
  const previous = useLive(async () => (isNew ? likeLastTime(db, kind, campaign) : null));
  const keeps = fieldLabels(kind, Object.keys(lasting(kind, draft.now)))
    .join(", ")
    .toLowerCase();
  return (
    <>
      <h1>
        {said(kind.label)}
        {draft.nth && <small> {t("photo_nth", { n: draft.nth[0], all: draft.nth[1] })}</small>}
      </h1>
      {(draft.unsure || !isTimeSure()) && <p class="alert">{t("clock_unsure")}</p>}
      {isNew && inSeries > 0 && !draft.batch && (
        <p class="series">{t("series", { n: inSeries, what: keeps })}</p>
      )}
      {isNew && draft.untouched && previous && (
        <button type="button" class="again" onClick={() => setAll(previous)}>
          <Icon name="returned" />
          {t("like_last_time")}
        </button>
      )}
    </>
  );
}
