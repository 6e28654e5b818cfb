// What has been on this phone alone for days: said on home, with the ways out, for a status line is easily overlooked.
import { t } from "../../i18n/text";
import { now } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";

const LONG_MS = 2 * 86_400_000;
const DAY_MS = 86_400_000;

export function LongUnsent() {
  const { db } = useApp();
  const days = useLive(async () => {
    const pending = await db.getAll("writes", "state", "pending");
    const oldest = Math.min(...pending.map(({ wire }) => wire.at));
    return now() - oldest > LONG_MS ? Math.floor((now() - oldest) / DAY_MS) : 0;
  });
  if (!days) return null;
  return (
    <p class="alert">
      {t("unsent_long", { n: days })} <a href="#/sync">{t("sync")}</a> · <a href="#/rescue">{t("rescue")}</a>
    </p>
  );
}
