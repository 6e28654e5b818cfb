// Forms left unfinished: the page was closed, or killed while the camera was open. Offered first thing.
import { said, t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";

export function Drafts() {
  const { db, catalog } = useApp();
  const drafts = useLive(() => db.getAll("drafts")) ?? [];
  if (drafts.length === 0) return null;
  const label = (kind: string) => said(catalog.kinds.find((one) => one.kind === kind)?.label);
  return (
    <section aria-label={t("unfinished")}>
      <h2>{t("unfinished")}</h2>
      <ul class="items">
        {drafts.map((draft) => (
          <li key={draft.id}>
            <a class="item" href={`#/form/${draft.id}`}>
              {t("draft_continue", { kind: label(draft.kind) })}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
