// Above the buttons: what has ended, in words (SPEC L-1, L-5, L-6), the campaign, the unit, or the time until which
// figures count as sent in time; then what was returned. Of several one stands there and all are behind a link, so that
// the buttons stay in reach.

import { verdictToRead } from "../../core/view";
import { needing } from "../../db/queries";
import { t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { List } from "../list";

export function Notes() {
  const { db, catalog, campaign, here, unit, cursors } = useApp();
  const rows = useLive(() => needing(db, here, "returned"), here) ?? [];
  // Stands with the conflicts, and behind the link all the same.
  const both = useLive(() => needing(db, here, "conflict"), here) ?? [];
  const n = rows.length + both.filter((row) => verdictToRead(row.view, row.decision) === "returned").length;
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
      <List title={word("states", "returned")} class="in-brief" rows={rows.slice(0, 1)} />
      {n > 1 && (
        <a class="tap" href="#/search/returned">
          {t("returned_all", { n })}
        </a>
      )}
    </>
  );
}
