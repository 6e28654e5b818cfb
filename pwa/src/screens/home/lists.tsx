// Below the buttons of the home screen: what is to be done, the plan, search and whom to ask, and what was recorded last. All
// that was recorded stands on a page of its own.
import { KEPT_MS } from "../../db/prune";
import { newest } from "../../db/queries";
import { amid, t } from "../../i18n/text";
import { now, today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { useSteady } from "../../ui/live";
import { List } from "../list";
import { PlanCard } from "../plan";
import { Tasks } from "./tasks";
import { WhomToAsk } from "./whom-to-ask";

/** Those of today that stand on home; on a day without any so many of before. */
const TODAY = 3;
const BEFORE = 2;

export function HomeLists() {
  const { db, here, campaign, unit, left } = useApp();
  const read = async () => {
    // A new day draws them anew.
    return { shown: await newest(db, here, "shown", TODAY), day: today() };
  };
  const lists = useSteady(read, here);
  if (!lists) return null;
  const ofToday = lists.shown.filter(({ day }) => day === lists.day);
  const before = lists.shown.filter(({ day }) => day !== lists.day);
  const none = lists.shown.length === 0;
  return (
    <div class="below">
      <Tasks />
      <PlanCard />
      <List brief title={t("today")} rows={ofToday.slice(0, TODAY)} />
      {ofToday.length === 0 && <List brief title={t("earlier")} rows={before.slice(0, BEFORE)} />}
      {none && !(unit && !campaign?.archived) && <p class="empty">{t("nothing_here")}</p>}
      {none &&
        left
          .filter(({ left_at }) => now() - left_at < KEPT_MS)
          .map(({ id, name }) => <p key={id}>{t("unit_left", { unit: amid(name) })}</p>)}
      <nav class="row tight" aria-label={t("at_hand")}>
        <a class="button" href="#/search">
          {t("records_all")}
        </a>
        <a class="button" href="#/summary">
          {t("summary_short")}
        </a>
      </nav>
      <WhomToAsk />
    </div>
  );
}
