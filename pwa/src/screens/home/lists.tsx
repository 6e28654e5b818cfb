// Below the buttons of the home screen: what needs the officer, what the day asks, the plan, search and whom to ask, what
// was done today, what was before.
import { useState } from "preact/hooks";
import { KEPT_MS } from "../../db/prune";
import { needing, newest, PAGE } from "../../db/queries";
import { amid, t, word } from "../../i18n/text";
import { now, today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { useSteady } from "../../ui/live";
import { List, More } from "../list";
import { PlanCard } from "../plan";
import { AiredToday } from "./aired-today";
import { Drafts } from "./drafts";
import { KindAnswers } from "./kind-answers";
import { StillUp } from "./still-up";
import { WhomToAsk } from "./whom-to-ask";

/** Those of today that stand on home: a busy day pushes nothing away. */
const TODAY = 10;

export function HomeLists() {
  const { db, here, campaign, unit, left } = useApp();
  const [most, setMost] = useState(PAGE);
  const [wholeDay, setWholeDay] = useState(false);
  const read = async () => {
    const asked = [
      newest(db, here, "shown", most + 1),
      needing(db, here, "conflict"),
      newest(db, here, "deleted", 1),
    ];
    const [shown = [], conflict = [], deleted = []] = await Promise.all(asked);
    // A new day draws them anew.
    return { shown, conflict, deleted, day: today() };
  };
  const lists = useSteady(read, `${here} ${most}`);
  if (!lists) return null;
  // What needs the officer stands above the others, once.
  const page = lists.shown.slice(0, most).filter((row) => !row.attention);
  const isToday = (day: string) => day === lists.day;
  const ofToday = page.filter((row) => isToday(row.day));
  return (
    <>
      <AiredToday />
      <Drafts />
      <List title={word("marks", "conflict")} rows={lists.conflict} />
      <PlanCard />
      <KindAnswers />
      <nav class="row" aria-label={t("at_hand")}>
        {lists.shown.length > 0 && (
          <a class="button" href="#/search">
            <Icon name="search" />
            {t("search")}
          </a>
        )}
        <a class="button" href="#/summary">
          <Icon name="send" />
          {t("summary")}
        </a>
      </nav>
      <WhomToAsk />
      <List title={t("today")} rows={wholeDay ? ofToday : ofToday.slice(0, TODAY)} />
      {!wholeDay && ofToday.length > TODAY && (
        <button type="button" onClick={() => setWholeDay(true)}>
          {t("today_all", { n: ofToday.length - TODAY })}
        </button>
      )}
      {lists.shown.length === 0 && (
        <p class="empty">{t(unit && !campaign?.archived ? "nothing_yet" : "nothing_here")}</p>
      )}
      {lists.shown.length === 0 &&
        left
          .filter(({ left_at }) => now() - left_at < KEPT_MS)
          .map(({ id, name }) => <p key={id}>{t("unit_left", { unit: amid(name) })}</p>)}
      <StillUp />
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
