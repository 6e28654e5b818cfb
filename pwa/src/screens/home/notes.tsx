// Below the buttons: what the district returned, one line with the reason in it; and what has ended, in words (SPEC L-1,
// L-5, L-6): the campaign, the unit, or the time until which figures count as sent in time.

import { gist } from "../../core/text";
import { verdictToRead } from "../../core/view";
import { needing } from "../../db/queries";
import { t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { useLive } from "../../ui/live";
import { RecordLink } from "../../ui/record-link";

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
  const [first] = rows;
  const title = word("states", "returned");
  return (
    <>
      {first && (
        <section class="back-again" aria-label={title}>
          <ul>
            <li>
              <RecordLink class="item" row={first}>
                <Icon name="returned" />
                <span class="one-line">
                  <b>{first.number}</b> {gist(first.decision?.reason ?? "") || title}
                </span>
              </RecordLink>
            </li>
          </ul>
          {n > 1 && (
            <a class="button" href="#/search/returned" aria-label={t("returned_all", { n })}>
              {t("returned_count", { n })}
            </a>
          )}
        </section>
      )}
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
