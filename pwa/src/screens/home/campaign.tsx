// The campaign one works in: chosen here when several are open, and remembered.

import { addDays } from "../../core/day";
import { dueDay } from "../../core/late";
import type { Db } from "../../db/schema";
import { t } from "../../i18n/text";
import { changed } from "../../platform/changed";
import { daysBefore } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { showShortDay } from "../../ui/show";
import { StatusLine } from "./status-line";

export function CampaignHead() {
  const { db, catalog, campaign } = useApp();
  const due = dueDay(campaign, catalog.units[0]?.level);
  return (
    <header class="campaign">
      <h1>
        {catalog.campaigns.length > 1 ? (
          <select
            aria-label={t("campaign")}
            value={campaign?.id}
            onChange={(event) => void chooseCampaign(db, event.currentTarget.value)}
          >
            {catalog.campaigns.map((one) => (
              <option key={one.id} value={one.id}>
                {one.archived ? t("campaign_archived", { name: one.name }) : one.name}
              </option>
            ))}
          </select>
        ) : (
          campaign?.name
        )}
      </h1>
      <div class="strip">
        {due && <Due before={due} open={!campaign?.archived} />}
        <StatusLine />
      </div>
    </header>
  );
}

export async function chooseCampaign(db: Db, id: string): Promise<void> {
  await db.put("meta", id, "campaign");
  changed();
}

/** The due date is exclusive: what is shown is the last day that counts. Of an archived campaign no day is left. */
function Due({ before, open }: { readonly before: string; readonly open: boolean }) {
  const left = daysBefore(before);
  const text = left > 1 ? t("days_left", { n: left }) : t(left === 1 ? "days_last" : "after_due");
  return (
    <p class="due">
      {open && (
        <>
          <strong>{text}</strong> ·{" "}
        </>
      )}
      {t("due_before", { day: showShortDay(addDays(before, -1)) })}
    </p>
  );
}
