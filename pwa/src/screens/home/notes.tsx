// What has ended, in words (SPEC L-1, L-5, L-6): the campaign, the unit, or the time until which figures count as sent in time.

import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";

export function Notes() {
  const { catalog, campaign, here, unit, cursors } = useApp();
  const sealed = cursors.some((one) => one.unit === unit?.id && one.campaign === here && one.sealed !== null);
  const ended = campaign?.archived
    ? t("note_archived")
    : campaign?.closed
      ? t("note_closed")
      : sealed && t("note_sealed");
  return (
    <>
      {ended && <p class="alert">{ended}</p>}
      {catalog.units.map(
        ({ id, name, merged_into: into }) =>
          into && (
            <p key={id} class="alert">
              {t("note_merged", { unit: name, into })}
            </p>
          ),
      )}
    </>
  );
}
