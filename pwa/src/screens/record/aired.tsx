// The days of a schedule so far, week by week, the last one first. Nothing is chosen beforehand: "Cả tuần đã phát" fills
// the days that nobody confirmed, exceptions are chosen by the day, and one save is one write. Taken back the same way.
import { useState } from "preact/hooks";
import { atOf, daysSoFar, hoursOn, registerOf, timesOf } from "../../core/figures";
import type { Kind } from "../../core/kind";
import { part, type Values, values } from "../../core/record";
import { settle } from "../../core/settle";
import { isArchived } from "../../db/catalog";
import { t } from "../../i18n/text";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { DayCounts } from "../../ui/day-counts";
import { Section } from "../../ui/section";
import { showDay } from "../../ui/show";
import { allSaid } from "../form/past-days";
import type { Acts } from "./actions";
import { daysInPart, PlayTimes, type Typed, timesTyped } from "./play-times";

const WEEK = 7;

export function Aired({ row, kind, act }: Acts & { readonly kind: Kind | undefined }) {
  // Only what was chosen: what a pull brings to another day is shown as it comes.
  const [chosen, setChosen] = useState<Values>({});
  const [typed, setTyped] = useState<Typed>({});
  const { catalog } = useApp();
  const confirm = kind?.confirm;
  const { fields, hidden } = row.view;
  const held = values(fields);
  if (hidden || !confirm || held[confirm.when] !== true) return null;
  const schedule = held[confirm.schedule];
  const times = timesOf(schedule);
  const now = today();
  const archived = isArchived(catalog, row);
  const kept = (day: string) => held[registerOf(confirm, day)];
  const said = (day: string) => {
    const name = registerOf(confirm, day);
    return name in chosen ? chosen[name] : held[name];
  };
  const put = (days: readonly string[], n: number | null) =>
    setChosen((before) => ({
      ...before,
      ...Object.fromEntries(days.map((day) => [registerOf(confirm, day), n])),
    }));
  const week = (its: readonly string[]) => {
    const open = its.filter((day) => typeof kept(day) !== "number");
    const toFill = open.filter((day) => typeof said(day) !== "number");
    const names = its.flatMap((day) => [registerOf(confirm, day), atOf(confirm, day) ?? []].flat());
    const airings = (day: string) => Number(said(day) ?? 0);
    const timed = its.flatMap((day) => {
      const [name, text] = [atOf(confirm, day), timesTyped(typed, day, airings(day))];
      return name && text !== undefined ? [[name, text] as const] : [];
    });
    const wanted: Values = { ...chosen, ...Object.fromEntries(timed) };
    const changed = names.filter((name) => name in wanted && (wanted[name] ?? null) !== (held[name] ?? null));
    const save = () => {
      const set = changed.map((name) => [name, wanted[name] ?? null] as const);
      act(settle(fields, Object.fromEntries(set)), t("aired_week_said"));
      setChosen({});
      // What is not kept stays on the screen, with the line that says so.
      const left = new Set(daysInPart(typed, its, airings));
      setTyped((before) =>
        Object.fromEntries(Object.entries(before).filter(([day]) => left.has(day) || !its.includes(day))),
      );
    };
    const heading = {
      from: showDay(its[0]),
      to: showDay(its.at(-1)),
      n: its.length - open.length,
      all: its.length,
    };
    return (
      <details key={its[0]} open={open.length > 0}>
        <summary>{t("aired_week", heading)}</summary>
        {!archived && toFill.length > 0 && (
          <button type="button" onClick={() => put(toFill, times)}>
            {allSaid(toFill, now)}
          </button>
        )}
        <DayCounts days={its} times={times} said={said} set={(day, n) => put([day], n)} />
        {confirm.at && !archived && (
          <PlayTimes
            days={its}
            times={airings}
            hours={(day) => hoursOn(confirm, { ...held, ...chosen }, day)}
            typed={typed}
            type={(day, hours) => setTyped((before) => ({ ...before, [day]: hours }))}
          />
        )}
        {!archived && changed.length > 0 && (
          <button type="button" class="primary" onClick={save}>
            {t("aired_confirm")}
          </button>
        )}
      </details>
    );
  };
  const days = daysSoFar(schedule, now);
  const weeks = Array.from({ length: Math.ceil(days.length / WEEK) }, (_, at) =>
    week(days.slice(at * WEEK, (at + 1) * WEEK)),
  );
  const [from, to] = [String(part(schedule, "from")), String(part(schedule, "to"))];
  const outside = Object.entries(held).flatMap(([name, n]) => {
    if (!(name.startsWith(`${confirm.register}/`) && n)) return [];
    const day = (name.split("/")[1] ?? "").replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");
    return from <= day && day <= to ? [] : [`${showDay(day)} (${t("aired_n", { n: Number(n) })})`];
  });
  return (
    <Section title={t("aired_days")}>
      {weeks.reverse()}
      {outside.length > 0 && <p class="alert">{t("aired_outside", { days: outside.join(", ") })}</p>}
    </Section>
  );
}
