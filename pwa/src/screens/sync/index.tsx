// Gửi/nhận: what is where, record by record and photo by photo, and why something did not go.

import type { RecordRow, UploadRow, WriteRow } from "../../device/db";
import { meta } from "../../device/db";
import { PAGE } from "../../device/lists";
import { now as exchangeNow, runningNow } from "../../device/triggers";
import { choose, language, sentence, t, word } from "../../i18n/text";
import type { Delivery } from "../../sync/view";
import { useApp } from "../../ui/app-context";
import { Item } from "../../ui/item";
import { useLive } from "../../ui/live";
import { Section } from "../../ui/section";
import { showTime } from "../../ui/show";
import { openForm } from "../form/open";
import { StatusLine } from "../home/status-line";
import { PhotoProgress } from "./photo-progress";
import { Refusal } from "./refusal";

const GROUPS: readonly Delivery[] = ["refused", "on_phone", "received", "verified"];

export function SyncScreen() {
  const { db, catalog } = useApp();
  const groups = useLive(async () => {
    const rows = await Promise.all(GROUPS.map((group) => db.getAll("records", "delivery", group, PAGE)));
    const uploads = await db.getAll("uploads");
    const pending = await db.getAll("writes", "state", "pending");
    return { rows, uploads, pending, running: runningNow(), last: await meta(db, "exchanged_at") };
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
        <Group key={group} group={group} {...groups} rows={groups.rows[at] ?? []} />
      ))}
      <footer class="settings">
        <p>{catalog.officer.name}</p>
        <button type="button" onClick={() => choose(language() === "vi" ? "en" : "vi")}>
          {language() === "vi" ? "English" : "Tiếng Việt"}
        </button>
        <a class="tap" href="#/rescue">
          {t("rescue")}
        </a>
        <a class="tap" href="#/officers">
          {t("officers")}
        </a>
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
  /** Writes not stored yet; those answered `later` have their reason. */
  readonly pending: readonly WriteRow[];
}

function Group({ group, rows, uploads, pending }: GroupProps) {
  const { db } = useApp();
  if (rows.length === 0) return null;
  return (
    <Section title={word("delivery", group)}>
      <ul class="items">
        {rows.map((row) => (
          <li key={row.record}>
            <Item row={row} />
            <PhotoProgress uploads={uploads.filter((upload) => upload.record === row.record)} />
            {reasons(pending, row).map((code) => (
              <p key={code} class="mark">
                {sentence(code)}
              </p>
            ))}
            {group === "refused" && <Refusal record={row.record} onCorrect={() => openForm(db, row)} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Why the hub told writes of a record to wait. */
function reasons(pending: readonly WriteRow[], { record }: RecordRow): string[] {
  return [...new Set(pending.flatMap((write) => (write.record === record ? (write.code ?? []) : [])))];
}
