// Forms of this campaign left unfinished: the page was closed, or killed while the camera was open.
import type { DraftRow } from "../../device/db";
import { said, t } from "../../i18n/text";
import { kindOf, useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { Section } from "../../ui/section";

export function Drafts() {
  const { db, catalog, campaign } = useApp();
  const drafts =
    useLive(async () => {
      const open = (await db.getAll("drafts")).filter(
        (one) => one.campaign === campaign?.id && !one.untouched,
      );
      const record = async (draft: DraftRow) => db.get("records", draft.replaces ?? draft.record);
      return Promise.all(
        open.map(async (draft) => ({ ...draft, number: (await record(draft))?.number ?? "" })),
      );
    }, campaign?.id) ?? [];
  if (drafts.length === 0) return null;
  const label = (kind: string) => said(kindOf(catalog, kind)?.label);
  return (
    <Section title={t("unfinished")}>
      <ul class="items">
        {drafts.map((draft) => (
          <li key={draft.id}>
            <a class="item" href={`#/form/${draft.id}`}>
              {t("draft_continue", { what: `${label(draft.kind)} ${draft.number}` })}
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
