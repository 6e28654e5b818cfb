// Forms left unfinished: the page was closed, or killed while the camera was open. Of all campaigns, also of one that is
// in the catalogue no more: what was entered is to be found. And photos and files that came and are no records yet.
import { useEffect } from "preact/hooks";
import type { FileCount } from "../../core/record";
import { kindOf } from "../../db/catalog";
import type { CaptureRow, DraftRow } from "../../db/schema";
import { said, t } from "../../i18n/text";
import { lostCaptures } from "../../outbox/captures";
import { allDrafts } from "../../outbox/save";
import { claimInbox, countTray, trayFiles } from "../../photos/tray";
import { allUnkept, unkeptOf } from "../../photos/unkept";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { filesText } from "../../ui/file-count";
import { otherUnit } from "../../ui/item";
import { useLive } from "../../ui/live";
import { notifyFailure } from "../../ui/notice";
import { TaskGroup, TaskLink } from "../../ui/task";
import { UnkeptPhotos } from "../form/unkept";
import { chooseCampaign } from "./campaign";

/** Of those begun on home: the others stand on the page of all tasks. */
const ON_HOME = 2;

/** Shots whose form is gone, by the form: the first of them, and which files there are. */
function perForm(lost: readonly CaptureRow[]): (readonly [CaptureRow, FileCount])[] {
  const forms = new Map<string, CaptureRow[]>();
  for (const row of lost) forms.set(row.draft, [...(forms.get(row.draft) ?? []), row]);
  return [...forms.values()].flatMap((rows) => {
    const photos = rows.filter(({ is }) => is === "photo").length;
    return rows[0] ? [[rows[0], { photos, pdfs: rows.length - photos }] as const] : [];
  });
}

export function Drafts({ all }: { readonly all?: boolean | undefined }) {
  const app = useApp();
  const { db, catalog, here } = app;
  const drafts =
    useLive(async () => {
      const open = (await allDrafts(db)).filter(({ id, untouched }) => !untouched || unkeptOf(id).length > 0);
      const record = async (draft: DraftRow) => db.get("records", draft.replaces ?? draft.record);
      return Promise.all(
        open.map(async (draft) => ({ ...draft, number: (await record(draft))?.number ?? "" })),
      );
    }) ?? [];
  // On a full phone it waits where it is, and is tried again when home is shown the next time.
  useEffect(() => void claimInbox(db).then(changed, notifyFailure), [db]);
  const left = useLive(() => trayFiles(db)) ?? [];
  const lost = useLive(() => lostCaptures(db)) ?? [];
  const unkept = useLive(async () => allUnkept(db)) ?? [];
  if (drafts.length + left.length + lost.length + unkept.length === 0) return null;
  const { photos, pdfs } = countTray(left);
  const other = (draft: DraftRow) => {
    const found = catalog.campaigns.find((one) => one.id === draft.campaign);
    return found && found.id !== here ? found.name : "";
  };
  // Photos that came together are one line, not one each: the first of them leads to the next.
  const inOrder = drafts.filter((one) => one.batch).sort((a, b) => (a.nth?.[0] ?? 0) - (b.nth?.[0] ?? 0));
  const batch = inOrder.length > 1 ? inOrder.filter((one) => one.campaign === here) : [];
  const single = drafts.filter((one) => !batch.includes(one));
  const shown = all || single.length <= ON_HOME + 1 ? single : single.slice(0, ON_HOME);
  const label = ({ kind, number }: { readonly kind: string; readonly number: string }) =>
    `${said(kindOf(catalog, kind)?.label)} ${number}`.trim();
  return (
    <>
      {unkept.length > 0 && <UnkeptPhotos photos={unkept} />}
      <TaskGroup title={t("unfinished")}>
        {perForm(lost).map(([first, count]) => (
          <TaskLink
            key={first.draft}
            title={t("captures_lost")}
            detail={[said(kindOf(catalog, first.kind)?.label), filesText(count)].join(" · ")}
            to={`#/new/${first.draft}`}
            go={t("open")}
          />
        ))}
        {photos > 0 && <TaskLink title={t("inbox", { n: photos })} to="#/photos" go={t("open")} />}
        {pdfs > 0 && (
          <TaskLink
            title={t("inbox_pdfs", { what: filesText({ photos: 0, pdfs }) })}
            to="#/documents"
            go={t("open")}
          />
        )}
        {batch[0] && (
          <TaskLink
            title={t("batch_waits", { n: batch.length })}
            to={`#/form/${batch[0].id}`}
            go={t("open")}
          />
        )}
        {shown.map((draft) => (
          <TaskLink
            key={draft.id}
            title={t("draft_continue", {
              what: [label(draft), otherUnit(app, draft.unit, "name"), other(draft)]
                .filter((part) => part)
                .join(" · "),
            })}
            to={`#/form/${draft.id}`}
            go={t("open")}
            // Its form has the slogans of its campaign.
            onFollow={() => void (other(draft) && chooseCampaign(db, draft.campaign))}
          />
        ))}
        {shown.length < single.length && (
          <TaskLink
            title={t("drafts_more", { n: single.length - shown.length })}
            to="#/tasks"
            go={t("look")}
          />
        )}
      </TaskGroup>
    </>
  );
}
