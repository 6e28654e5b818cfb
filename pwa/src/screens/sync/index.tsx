// Gửi/nhận: what is where, record by record and photo by photo, and why something did not go.

import type { Delivery } from "../../core/view";
import { KEPT_MS } from "../../db/prune";
import { PAGE } from "../../db/queries";
import { meta } from "../../db/schema";
import { exchangeNow, runningNow } from "../../exchange/triggers";
import { t } from "../../i18n/text";
import { now as clock } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { LanguageSwitch } from "../../ui/frame";
import { useLive } from "../../ui/live";
import { showTime } from "../../ui/show";
import { StatusLine } from "../home/status-line";
import { Group } from "./group";
import { Gauge } from "./storage";

/** What is safe is shown when asked for; what is not, at once. */
const GROUPS: readonly (readonly [Delivery, number])[] = [
  ["refused", PAGE],
  ["on_phone", PAGE],
  ["received", PAGE],
  ["verified", 0],
];

export function SyncScreen() {
  const { db, catalog, session } = useApp();
  const now = useLive(async () => ({
    running: runningNow(),
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
      {GROUPS.map(([group, shown]) => (
        <Group key={group} group={group} shown={shown} />
      ))}
      <Gauge />
      <footer class="settings">
        <p>{catalog.officer.name}</p>
        <LanguageSwitch />
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
