// Gửi/nhận: what is where, record by record and photo by photo, and why something did not go.

import type { Delivery } from "../../core/view";
import { KEPT_MS } from "../../db/prune";
import { PAGE } from "../../db/queries";
import { meta } from "../../db/schema";
import { exchangeNow, runningNow } from "../../exchange/triggers";
import { t } from "../../i18n/text";
import { holding, waitingUploads } from "../../photos/upload";
import { now as clock } from "../../platform/clock";
import { bytesASecond } from "../../platform/network";
import { useApp } from "../../ui/app-context";
import { LanguageSwitch } from "../../ui/frame";
import { useLive } from "../../ui/live";
import { showTime } from "../../ui/show";
import { StatusLine } from "../home/status-line";
import { Group } from "./group";
import { Gauge } from "./storage";
import { WordsLeft } from "./words";

/** What is safe is shown when asked for; what is not, at once. */
const GROUPS: readonly (readonly [Delivery, number])[] = [
  ["refused", PAGE],
  ["on_phone", PAGE],
  ["received", PAGE],
  ["verified", 0],
];

/** "Còn 12,4 MB ảnh, khoảng 3 phút": where the browser tells how fast it is. */
function left(bytes: number): string {
  const mb = Math.ceil(bytes / 1e5) / 10;
  const speed = bytesASecond();
  return speed
    ? t("bytes_left_time", { mb, n: Math.max(1, Math.round(bytes / speed / 60)) })
    : t("bytes_left", { mb });
}

export function SyncScreen() {
  const { db, catalog, session } = useApp();
  const now = useLive(async () => ({
    running: runningNow(),
    holding: await holding(db),
    bytes: (await waitingUploads(db)).reduce((sum, row) => sum + row.size_bytes - row.sent_bytes, 0),
    last: await meta(db, "exchanged_at"),
    restored: (await meta(db, "restored")) ?? 0,
  }));
  if (!now) return null;
  return (
    <>
      <h1>{t("sync")}</h1>
      <StatusLine />
      <p role="status">
        {t(`running_${session.ended ? "ended" : now.running}`)}
        {now.holding && ` ${t(now.holding === "wifi" ? "holding_wifi" : "holding_battery")}`}
        {now.bytes > 0 && ` ${left(now.bytes)}`}
        {now.last && ` ${t("last_exchange", { time: showTime(now.last) })}`}
      </p>
      {clock() - now.restored < KEPT_MS && <p>{t("restored_server", { time: showTime(now.restored) })}</p>}
      <button
        type="button"
        class="primary"
        onClick={exchangeNow}
        disabled={["waiting", "running"].includes(now.running)}
      >
        {t("exchange_now")}
      </button>
      <WordsLeft />
      {GROUPS.map(([group, shown]) => (
        <Group key={group} group={group} shown={shown} />
      ))}
      <Gauge />
      <footer class="settings">
        <p>{catalog.officer.name}</p>
        <LanguageSwitch />
        <a class="tap" href="#/settings">
          {t("settings")}
        </a>
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
