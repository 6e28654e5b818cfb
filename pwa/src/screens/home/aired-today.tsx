// A standing schedule asks once a day whether it was aired; one tap answers. The record takes another answer, and those
// for days that nobody answered.

import { useState } from "preact/hooks";
import { progressOf, registerOf, timesOf } from "../../core/figures";
import type { Kind } from "../../core/kind";
import { type Fields, type Values, value, values } from "../../core/record";
import { settle } from "../../core/settle";
import { kindOf } from "../../db/catalog";
import { due } from "../../db/queries";
import type { RecordRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { titleOf } from "../../ui/item";
import { useLive } from "../../ui/live";
import { RecordLink } from "../../ui/record-link";
import { Section } from "../../ui/section";
import { showDay, showProgress } from "../../ui/show";
import { act } from "../act";

export function AiredToday() {
  const { db, catalog, campaign, here } = useApp();
  const day = today();
  const standing = useLive(() => due(db, here, "confirm", day), `${here} ${day}`) ?? [];
  let now = false;
  const asked = standing.flatMap((row) => {
    const kind = kindOf(catalog, row.kind);
    const confirm = kind?.confirm;
    const held = values(row.view.fields);
    const schedule = confirm && held[confirm.schedule];
    const open = progressOf(kind, held, day)?.open ?? [];
    if (!confirm || open.length === 0) return [];
    const asks = open.at(-1) === day;
    const missed = open.length - (asks ? 1 : 0);
    now ||= asks;
    const times = timesOf(schedule);
    const say = (n: number) => () => {
      const write = settle(row.view.fields, { [registerOf(confirm, day)]: n });
      act(db, row, write, t("aired_said", { n, day: showDay(day) }), kind);
    };
    return [
      <li key={row.record} class="asked">
        <RecordLink class="tap" row={row}>
          {titleOf(row, catalog)}
        </RecordLink>
        <small>
          {[showProgress(kind, held), missed > 0 && t("aired_open", { n: missed })]
            .filter(Boolean)
            .join(" · ")}
        </small>
        {asks && (
          <>
            <div class="row">
              <button type="button" class="primary" onClick={say(times)}>
                {t("aired_yes", { n: times })}
              </button>
              <button type="button" onClick={say(0)}>
                {t("aired_no")}
              </button>
            </div>
            {times > 1 && <Fewer times={times} kind={kind} row={row} day={day} />}
          </>
        )}
      </li>,
    ];
  });
  if (asked.length === 0 || campaign?.archived) return null;
  return (
    <Section title={t(now ? "aired_today" : "aired_missed")}>
      <ul class="items">{asked}</ul>
    </Section>
  );
}

interface Asked {
  readonly times: number;
  readonly kind: Kind | undefined;
  readonly row: RecordRow;
  readonly day: string;
}

const WHY = ["aired_power", "aired_speaker", "aired_other"] as const;

/** "1 trong 2 lượt, mất điện": how many were aired, then why; the reason goes to the note, for whoever reviews. */
function Fewer({ times, kind, row, day }: Asked) {
  const { db } = useApp();
  const [open, setOpen] = useState(false);
  const [n, setN] = useState(times - 1);
  const confirm = kind?.confirm;
  if (!confirm) return null;
  if (!open)
    return (
      <button type="button" class="plain" onClick={() => setOpen(true)}>
        {t("aired_fewer")}
      </button>
    );
  const say = (why: (typeof WHY)[number]) => () => {
    const { fields } = row.view;
    const said = t("aired_part_said", { day: showDay(day), n, all: times, why: t(why).toLowerCase() });
    const note = noteWith(kind, fields, said);
    act(db, row, settle(fields, { [registerOf(confirm, day)]: n, ...note }), said, kind);
  };
  return (
    <fieldset class="fewer">
      <legend>{t("aired_how_many")}</legend>
      <div class="row">
        {Array.from({ length: times - 1 }, (_, at) => at + 1).map((one) => (
          <button type="button" key={one} aria-pressed={one === n} onClick={() => setN(one)}>
            {t("aired_of", { n: one, all: times })}
          </button>
        ))}
      </div>
      <div class="row">
        {WHY.map((why) => (
          <button type="button" class="primary" key={why} onClick={say(why)}>
            {t(why)}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

/** The kind's text of several lines with one more, where it has one and there is room. */
export function noteWith(kind: Kind, fields: Fields, line: string): Values {
  const field = kind.fields.find(({ multiline }) => multiline);
  if (!field) return {};
  const text = [value(fields, field.name), line].filter((one) => typeof one === "string" && one).join("\n");
  return text.length <= (field.max_length ?? 0) ? { [field.name]: text } : {};
}
