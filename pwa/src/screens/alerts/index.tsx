// What stands above a screen, never above a form: a new version, data that is gone, room that runs out, and a browser in
// which it is of no use to go on: another app's window; an iPhone's tab, whose storage the home-screen app does not see.

import type { Db } from "../../db/schema";
import { forgetLost, KEPT, lostKeys, lostNumbers, noteUnsent } from "../../db/unsent";
import { t } from "../../i18n/text";
import { leavers } from "../../officers/session";
import { PHOTO_BYTES, room, SCARCE_PHOTOS, surroundingsHere } from "../../platform/browser";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { formOpen, useRoute } from "../../ui/router";
import { useUpdate } from "../../ui/update";
import { HelpText } from "../help";
import { NewDevices } from "./new-device";

/** On home they stand below the buttons, which nothing moves. */
export function Alerts() {
  return (
    <>
      <NewDevices />
      <AppAlerts db={useApp().db} />
    </>
  );
}

/** The same address in Chrome, by one tap: Android alone knows such links. */
function inChrome(): string {
  const { host, pathname, hash } = location;
  return `intent://${host}${pathname}${hash}#Intent;scheme=https;package=com.android.chrome;end`;
}

/** Before anybody is enrolled there is no database, and the way out is shown at once in full. */
export function AppAlerts({ db }: { readonly db?: Db }) {
  useRoute();
  const update = useUpdate();
  const known = useLive(async () => {
    const whoLeft = await leavers().catch(() => []);
    const gone = (await lostKeys(db)).filter((key) => !whoLeft.some((name) => key === KEPT + name));
    if (db && gone.length === 0) await noteUnsent(db);
    return { gone, left: await room() };
  });
  // Not drawn over a form, it keeps account all the same: whoever goes from photo to photo sees no other screen.
  if (!known || (db && formOpen())) return null;
  const { gone, left } = known;
  const what = lostNumbers(gone);
  const understood = () => {
    forgetLost(gone);
    changed();
  };
  const around = surroundingsHere();
  const photos = left && Math.floor((left.all - left.used) / PHOTO_BYTES);
  return (
    <>
      {update && (
        <p class="alert">
          {t("update_ready")}{" "}
          <button type="button" onClick={update}>
            {t("update")}
          </button>
        </p>
      )}
      {gone.length > 0 && (
        <p class="alert" role="alert">
          {what ? t("lost_some", { what }) : t("lost")}{" "}
          <button type="button" onClick={understood}>
            {t("understood")}
          </button>
        </p>
      )}
      {photos !== null && photos < SCARCE_PHOTOS && <p class="alert">{t("storage_scarce", { n: photos })}</p>}
      {around && (
        <details class="alert" open={!db}>
          <summary>{t(`tab_${around}`)}</summary>
          {around === "inapp" && /Android/.test(navigator.userAgent) && (
            <a class="button" href={inChrome()}>
              {t("open_chrome")}
            </a>
          )}
          <HelpText of={around} />
        </details>
      )}
    </>
  );
}
