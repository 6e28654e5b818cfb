// The days of a schedule that are over, asked for where the schedule is typed (SPEC F-23): "Cả tuần đã phát", then what
// was otherwise, by the day. Nothing is answered beforehand, and an answer can be taken back.

import { allAired, daysToAsk, registerOf, timesOf, withMarker } from "../../core/figures";
import type { Kind } from "../../core/kind";
import type { DraftRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { today } from "../../platform/clock";
import { DayCounts } from "../../ui/day-counts";
import { showDay } from "../../ui/show";
import type { SetAll } from "./use-draft";

const WEEK = 7;

/** What one tap on all these days says: "Cả tuần đã phát". */
export function allSaid(days: readonly string[], now: string): string {
  const [first = ""] = days;
  if (days.length === 1) return t("aired_all_one", { day: showDay(first) });
  if (days.includes(now)) return t("aired_all_today", { n: days.length });
  return days.length === WEEK ? t("aired_all_week") : t("aired_all", { n: days.length });
}

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly setAll: SetAll;
}

export function PastDays({ draft, kind, setAll }: Props) {
  const { confirm } = kind;
  const held = withMarker(kind, draft);
  if (!confirm || held[confirm.when] !== true) return null;
  const now = today();
  const schedule = held[confirm.schedule];
  const times = timesOf(schedule);
  // Those that nobody confirmed when the form was drawn: the others are a matter of the record's page.
  const asked = daysToAsk(schedule, now).filter(
    (day) => typeof draft.drawn.values[registerOf(confirm, day)] !== "number",
  );
  if (asked.length === 0 || times === 0) return null;
  const { as_planned = [] } = draft;
  /** Not what was said of these days before. */
  const others = (days: readonly string[]) =>
    as_planned.filter((name) => !days.some((day) => registerOf(confirm, day) === name));
  const put = (day: string, n: number | null) =>
    setAll({ [registerOf(confirm, day)]: n }, { as_planned: others([day]) });
  const said = (day: string) => held[registerOf(confirm, day)];
  const over = asked.filter((day) => day < now);
  const answered = asked.some((day) => typeof said(day) === "number");
  return (
    <fieldset class="field">
      <legend>{t("aired_ask")}</legend>
      <small class="hint">{t("aired_ask_help", { n: asked.length, all: asked.length * times })}</small>
      <div class="cards">
        {[over, asked].map((days, at) => {
          if (days.length === 0 || (at > 0 && days.length === over.length)) return null;
          const all = allAired(confirm, schedule, days);
          const pressed = asked.every((day) => said(day) === (days.includes(day) ? times : undefined));
          const tap = () => {
            const none = asked.map((day) => [registerOf(confirm, day), null] as const);
            const said = pressed ? {} : all;
            setAll(
              { ...Object.fromEntries(none), ...said },
              { as_planned: [...others(asked), ...Object.keys(said)] },
            );
          };
          return (
            <button type="button" key={days.length} aria-pressed={pressed} onClick={tap}>
              {allSaid(days, now)}
            </button>
          );
        })}
      </div>
      <details open={answered && asked.some((day) => said(day) !== times)}>
        <summary>{t("aired_each")}</summary>
        <DayCounts days={asked} times={times} said={said} set={put} />
      </details>
    </fieldset>
  );
}
