// Room on the phone: how full it is for this app and whether the browser promised to keep what is there; and the screen
// for what another app handed over and that found no room.

import { t } from "../../i18n/text";
import { room } from "../../platform/browser";
import { useLive } from "../../ui/live";
import { Section } from "../../ui/section";

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

export function Gauge() {
  const left = useLive(room);
  if (!left) return null;
  const { used, all, kept } = left;
  return (
    <Section title={t("storage")}>
      <p>
        {t("storage_used", { used: megabytes(used), all: megabytes(all) })}
        <progress aria-label={t("storage")} max={all} value={used} />
      </p>
      <p>{t(kept ? "storage_kept" : "storage_loose")}</p>
    </Section>
  );
}

/** What another app handed over found no room on this phone. */
export function Full() {
  return (
    <>
      <h1>{t("storage")}</h1>
      <p role="alert">{t("storage_full")}</p>
    </>
  );
}
