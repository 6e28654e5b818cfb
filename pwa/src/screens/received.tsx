// Photos and PDF files that another app handed over (photos/inbox.ts): what they may become part of.
import { useEffect } from "preact/hooks";
import { said, t } from "../i18n/text";
import { trayPdfs, trayPhotos } from "../photos/tray";
import { useApp } from "../ui/app-context";
import { useLive } from "../ui/live";
import { goInstead } from "../ui/router";
import { Thumbs } from "./form/waiting";
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

/** The form of the kind that is chosen asks whether each is a record or all are one. */
export function ReceivedPhotos() {
  const { db, catalog, campaign, unit } = useApp();
  const keys = useLive(() => trayPhotos(db));
  const none = keys?.length === 0;
  useEffect(() => {
    if (none) goInstead("");
  }, [none]);
  if (!keys?.[0]) return null;
  const open = unit && !campaign?.archived ? (campaign?.kinds ?? []) : [];
  const kinds = catalog.kinds.filter(({ kind, act }) => !act && open.includes(kind));
  return (
    <>
      <h1>{t("captures_lost")}</h1>
      <p>{t("inbox", { n: keys.length })}</p>
      <Thumbs keys={keys} />
      <div class="row">
        {kinds.map(({ kind, label }) => (
          <a key={kind} class="button" href={`#/new/${kind}`}>
            {t("inbox_pdfs_begin", { kind: said(label) })}
          </a>
        ))}
      </div>
    </>
  );
}
