// Below the buttons of the home screen: what needs the officer, what the day asks, what was done today, the plan, whom
// to ask, what was before.
import { useState } from "preact/hooks";
import { KEPT_MS } from "../../db/prune";
import { needing, newest, PAGE } from "../../db/queries";
import { amid, t, word } from "../../i18n/text";
import { now, today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { List, More } from "../list";
import { PlanCard } from "../plan";
import { AiredToday } from "./aired-today";
import { Drafts } from "./drafts";
import { StillUp } from "./still-up";
import { WhomToAsk } from "./whom-to-ask";

export function HomeLists() {
  const { db, here, campaign, unit, left } = useApp();
  const [most, setMost] = useState(PAGE);
  const lists = useLive(
    async () => ({
      shown: await newest(db, here, "shown", most + 1),
      conflict: await needing(db, here, "conflict"),
      deleted: await newest(db, here, "deleted", 1),
    }),
    `${here} ${most}`,
  );
  if (!lists) return null;
  // What needs the officer stands above the others, once.
  const page = lists.shown.slice(0, most).filter((row) => !row.attention);
  const isToday = (day: string) => day === today();
  return (
    <>
      <AiredToday />
      <Drafts />
      <List title={word("marks", "conflict")} rows={lists.conflict} />
      <List title={t("today")} rows={page.filter((row) => isToday(row.day))} />
      {lists.shown.length === 0 && (
        <p class="empty">{t(unit && !campaign?.archived ? "nothing_yet" : "nothing_here")}</p>
      )}
      {lists.shown.length === 0 &&
        left
          .filter(({ left_at }) => now() - left_at < KEPT_MS)
          .map(({ id, name }) => <p key={id}>{t("unit_left", { unit: amid(name) })}</p>)}
      <PlanCard />
      <StillUp />
      <WhomToAsk />
      {lists.shown.length > 0 && (
        <a class="tap" href="#/search">
          {t("search")}
        </a>
      )}
      <List title={t("earlier")} rows={page.filter((row) => !isToday(row.day))} />
      <More found={lists.shown.length} most={most} set={setMost} />
      {lists.deleted.length > 0 && (
        <a class="tap" href="#/deleted">
          {t("deleted_list")}
        </a>
      )}
    </>
  );
}
