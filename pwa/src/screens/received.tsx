// PDF files that another app handed over (photos/inbox.ts): what they may become part of.
import { useEffect } from "preact/hooks";
import { said, t } from "../i18n/text";
import { trayPdfs } from "../photos/tray";
import { useApp } from "../ui/app-context";
import { useLive } from "../ui/live";
import { goInstead } from "../ui/router";
import { TrayPdfs } from "./tray-pdfs";

export function Received() {
  const { db, catalog, campaign, unit } = useApp();
  const keys = useLive(() => trayPdfs(db));
  const none = keys?.length === 0;
  useEffect(() => {
    if (none) goInstead("");
  }, [none]);
  if (!keys?.[0]) return null;
  const open = unit && !campaign?.archived ? (campaign?.kinds ?? []) : [];
  const kinds = catalog.kinds.filter(({ kind, act, documents }) => documents && !act && open.includes(kind));
  return (
    <>
      <h1>{t("inbox_pdfs_title")}</h1>
      <TrayPdfs keys={keys}>
        {kinds.map(({ kind, label }) => (
          <a key={kind} class="button primary" href={`#/new/${kind}`}>
            {t("inbox_pdfs_begin", { kind: said(label) })}
          </a>
        ))}
        <p>{t(kinds[0] ? "inbox_pdfs_edit" : "inbox_pdfs_nowhere")}</p>
      </TrayPdfs>
    </>
  );
}
