// Forms of this campaign left unfinished: the page was closed, or killed while the camera was open.
import type { DraftRow } from "../../device/db";
import { said, t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";

export function Drafts() {
  const { db, catalog, campaign } = useApp();
  const drafts =
    useLive(async (here) => {
      const open = (await db.getAll("drafts")).filter((one) => one.campaign === here && !one.untouched);
      const record = async (draft: DraftRow) => db.get("records", draft.replaces ?? draft.record);
      return Promise.all(
        open.map(async (draft) => ({ ...draft, number: (await record(draft))?.number ?? "" })),
      );
    }, campaign?.id) ?? [];
  if (drafts.length === 0) return null;
  const label = (kind: string) => said(catalog.kinds.find((one) => one.kind === kind)?.label);
  return (
    <section aria-label={t("unfinished")}>
      <h2>{t("unfinished")}</h2>
      <ul class="items">
        {drafts.map((draft) => (
          <li key={draft.id}>
            <a class="item" href={`#/form/${draft.id}`}>
              {t("draft_continue", { what: `${label(draft.kind)} ${draft.number}` })}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
