// Forms of this campaign left unfinished: the page was closed, or killed while the camera was open.
import type { DraftRow } from "../../device/db";
import { laid } from "../../device/inbox";
import { said, t } from "../../i18n/text";
import { kindOf, useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { Picture, photosIn } from "../../ui/picture";
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
  const left = useLive(async () => (await laid()).length) ?? 0;
  if (drafts.length + left === 0) return null;
  const label = (kind: string) => said(kindOf(catalog, kind)?.label);
  return (
    <Section title={t("unfinished")}>
      <ul class="items">
        {left > 0 && <li class="alert">{t("inbox", { n: left })}</li>}
        {drafts.map((draft) => (
          <li key={draft.id}>
            <a class="item" href={`#/form/${draft.id}`}>
              {photosIn(draft.now)
                .slice(0, 1)
                .map(([name, value]) => (
                  <Picture key={name} record={draft.record} field={name} value={value} size="thumb" />
                ))}
              {t("draft_continue", { what: `${label(draft.kind)} ${draft.number}` })}
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
