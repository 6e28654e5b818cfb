// Gửi/nhận: what is where, record by record and photo by photo, and why something did not go.

import type { RecordRow, UploadRow } from "../../device/db";
import { meta } from "../../device/db";
import { beginEdit } from "../../device/drafts";
import { PAGE } from "../../device/lists";
import { now as exchangeNow, runningNow } from "../../device/triggers";
import { choose, language, t, word } from "../../i18n/text";
import type { Delivery } from "../../sync/view";
import { useApp } from "../../ui/app-context";
import { Item } from "../../ui/item";
import { useLive } from "../../ui/live";
import { notifyFailure } from "../../ui/notice";
import { go } from "../../ui/router";
import { showTime } from "../../ui/show";
import { StatusLine } from "../home/status-line";
import { PhotoProgress } from "./photo-progress";
import { Refusal } from "./refusal";

const GROUPS: readonly Delivery[] = ["refused", "on_phone", "received", "verified"];

export function SyncScreen() {
  const { db, catalog } = useApp();
  const groups = useLive(async () => {
    const rows = await Promise.all(
      GROUPS.map((group) => db.getAllFromIndex("records", "delivery", group, PAGE)),
    );
    const uploads = await db.getAll("uploads");
    return { rows, uploads, running: runningNow(), last: await meta(db, "exchanged_at") };
  });
  if (!groups) return null;
  return (
    <>
      <h1>{t("sync")}</h1>
      <StatusLine />
      <p role="status">
        {t(`running_${groups.running}`)}
        {groups.last && ` ${t("last_exchange", { time: showTime(groups.last) })}`}
      </p>
      <button type="button" class="primary" onClick={exchangeNow} disabled={groups.running === "running"}>
        {t("exchange_now")}
      </button>
      {GROUPS.map((group, at) => (
        <Group key={group} group={group} rows={groups.rows[at] ?? []} uploads={groups.uploads} />
      ))}
      <footer class="settings">
        <p>{catalog.officer.name}</p>
        <button type="button" onClick={() => choose(language() === "vi" ? "en" : "vi")}>
          {language() === "vi" ? "English" : "Tiếng Việt"}
        </button>
        <a class="tap" href="#/enrol">
          {t("enrol_again")}
        </a>
      </footer>
    </>
  );
}

interface GroupProps {
  readonly group: Delivery;
  readonly rows: readonly RecordRow[];
  readonly uploads: readonly UploadRow[];
}

function Group({ group, rows, uploads }: GroupProps) {
  const { db } = useApp();
  if (rows.length === 0) return null;
  const correct = (row: RecordRow) => {
    beginEdit(db, row)
      .then((draft) => go(`form/${draft}`))
      .catch(notifyFailure);
  };
  return (
    <section aria-label={word("delivery", group)}>
      <h2>{word("delivery", group)}</h2>
      <ul class="items">
        {rows.map((row) => (
          <li key={row.record}>
            <Item row={row} />
            <PhotoProgress uploads={uploads.filter((upload) => upload.record === row.record)} />
            {group === "refused" && <Refusal record={row.record} onCorrect={() => correct(row)} />}
          </li>
        ))}
      </ul>
    </section>
  );
}
