// On the home screen, after the first record: what installing is good for. "Not now" is remembered.

import { meta } from "../../db/schema";
import { t } from "../../i18n/text";
import { install, mayInstall } from "../../platform/browser";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { Section } from "../../ui/section";

const LATER = "loa-install-later";

export function Install() {
  const { db } = useApp();
  // All that it hangs on: an answer as before draws nothing anew.
  const offered = useLive(async () => {
    const recorded = await meta(db, "numbers");
    return recorded !== undefined && mayInstall() && !localStorage.getItem(LATER);
  });
  if (!offered) return null;
  const later = () => {
    localStorage.setItem(LATER, "1");
    changed();
  };
  return (
    <Section title={t("install_title")}>
      <p>{t("install_why")}</p>
      <div class="row">
        <button type="button" onClick={install}>
          {t("install")}
        </button>
        <button type="button" onClick={later}>
          {t("later")}
        </button>
      </div>
    </Section>
  );
}
