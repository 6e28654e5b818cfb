// A standing schedule asks once a day whether it was aired; one tap answers. The record takes another answer, and those
// for days that nobody answered.

import { useState } from "preact/hooks";
import { atOf, clocks, progressOf, registerOf, timesOf } from "../../core/figures";
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
import { showDay, showProgress } from "../../ui/show";
import { TaskActs, TaskGroup, TaskLink } from "../../ui/task";
import { act } from "../act";

/** Of those asked on home: the others are one line, and stand on the page of all tasks. */
const ON_HOME = 2;

export function AiredToday({ all }: { readonly all?: boolean | undefined }) {
  const { db, catalog, here } = useApp();
  const day = today();
  const standing = useLive(() => due(db, here, "confirm", day), `${here} ${day}`) ?? [];
  const found = standing.flatMap((row) => {
    const kind = kindOf(catalog, row.kind);
    const open = progressOf(kind, values(row.view.fields), day)?.open ?? [];
    if (!(kind?.confirm && open.length > 0)) return [];
    return [{ row, kind, open, asks: open.at(-1) === day }];
  });
  // What is asked today comes first; of each the longest due.
  const asked = [...found].sort((a, b) => Number(b.asks) - Number(a.asks));
  if (asked.length === 0) return null;
  const shown = all || asked.length <= ON_HOME + 1 ? asked : asked.slice(0, ON_HOME);
  const rest = asked.length - shown.length;
  return (
    <TaskGroup title={t(asked[0]?.asks ? "aired_today" : "aired_missed")}>
      {shown.map((one) => (
        <Asked key={one.row.record} {...one} day={day} />
      ))}
      {rest > 0 && <TaskLink title={t("aired_more", { n: rest })} to="#/tasks" go={t("look")} />}
    </TaskGroup>
  );
}

interface AskedProps {
  readonly row: RecordRow;
  readonly kind: Kind;
  readonly open: readonly string[];
  readonly asks: boolean;
  readonly day: string;
}

function Asked({ row, kind, open, asks, day }: AskedProps) {
  const { db, catalog } = useApp();
  const [other, setOther] = useState(false);
  const { confirm } = kind;
  if (!confirm) return null;
  const held = values(row.view.fields);
  const times = timesOf(held[confirm.schedule]);
  const missed = open.length - (asks ? 1 : 0);
  const detail = [
    asks && titleOf(row, catalog),
    showProgress(kind, held),
    missed > 0 && t("aired_open", { n: missed }),
  ];
  const text = detail.filter(Boolean).join(" · ");
  if (!asks)
    return <TaskLink title={titleOf(row, catalog)} detail={text} to={row} go={t("give_confirm_them")} />;
  const say = (n: number) => () => {
    const write = settle(row.view.fields, { [registerOf(confirm, day)]: n });
    act(db, row, write, t("aired_said", { n, day: showDay(day) }), kind);
  };
  return (
    <TaskActs title={t("aired_today")} detail={text} to={row}>
      <div class="row tight">
        <button type="button" class="primary" onClick={say(times)}>
          {t("aired_yes", { n: times })}
        </button>
        <button type="button" aria-expanded={other} onClick={() => setOther(!other)}>
          {t("aired_else")}
        </button>
      </div>
      {other && (
        <>
          {times > 1 && <Fewer times={times} kind={kind} row={row} day={day} />}
          <button type="button" class="whole" onClick={say(0)}>
            {t("aired_no")}
          </button>
        </>
      )}
    </TaskActs>
  );
}

interface FewerProps {
  readonly times: number;
  readonly kind: Kind;
  readonly row: RecordRow;
  readonly day: string;
}

const WHY = ["aired_power", "aired_speaker", "aired_other"] as const;

/** "1 trong 2 lượt, mất điện": how many were aired and why; the reason goes to the note, for whoever reviews. */
function Fewer({ times, kind, row, day }: FewerProps) {
  const { db } = useApp();
  const confirm = kind.confirm;
  const held = values(row.view.fields);
  const hours = clocks(held[confirm?.hours ?? ""]);
  /** Where each airing has its time, it is said which ones were aired. */
  const which = confirm?.at && hours.length === times ? hours : [];
  const [aired, setAired] = useState<readonly string[]>(which.slice(0, -1));
  const [some, setN] = useState(times - 1);
  if (!confirm) return null;
  const n = which.length > 0 ? aired.length : some;
  const at = atOf(confirm, day);
  const say = (why: (typeof WHY)[number]) => () => {
    const { fields } = row.view;
    const said = t("aired_part_said", { day: showDay(day), n, all: times, why: t(why).toLowerCase() });
    const note = noteWith(kind, fields, said);
    const its = at && which.length > 0 ? { [at]: aired.join(", ") } : {};
    act(db, row, settle(fields, { [registerOf(confirm, day)]: n, ...its, ...note }), said, kind);
  };
  return (
    <fieldset class="fewer">
      <legend>{t(which.length > 0 ? "aired_which" : "aired_how_many")}</legend>
      <div class="row">
        {which.map((one) => (
          <button
            type="button"
            key={one}
            aria-pressed={aired.includes(one)}
            onClick={() =>
              setAired(
                which.filter((other) => (other === one ? !aired.includes(one) : aired.includes(other))),
              )
            }
          >
            {one}
          </button>
        ))}
        {Array.from({ length: which.length > 0 ? 0 : times - 1 }, (_, at) => at + 1).map((one) => (
          <button type="button" key={one} aria-pressed={one === n} onClick={() => setN(one)}>
            {t("aired_of", { n: one, all: times })}
          </button>
        ))}
      </div>
      <div class="row">
        {WHY.map((why) => (
          <button type="button" key={why} disabled={n === 0 || n === times} onClick={say(why)}>
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
