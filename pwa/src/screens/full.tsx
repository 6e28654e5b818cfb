// What another app handed over found no room on this phone.
import { t } from "../i18n/text";

export function Full() {
  return (
    <>
      <h1>{t("photos")}</h1>
      <p role="alert">{t("storage_full")}</p>
    </>
  );
}
