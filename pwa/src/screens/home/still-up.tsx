// What has hung as long as it should: a hint. On home one line; on the page of all tasks each, the longest first, with the one
// tap that says it was taken down.

import { value } from "../../core/record";
import { kindOf } from "../../db/catalog";
import { due, dueCount } from "../../db/queries";
import { t } from "../../i18n/text";
import { today } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { titleOf } from "../../ui/item";
import { useLive } from "../../ui/live";
import { showDay } from "../../ui/show";
import { TaskActs, TaskGroup, TaskLink } from "../../ui/task";
import { TakenDown } from "../act";

export function StillUp({ all }: { readonly all?: boolean | undefined }) {
  const { db, catalog, here } = useApp();
  const day = today();
  const over = useLive(() => due(db, here, "life", day), `${here} ${day}`) ?? [];
  const n = useLive(() => dueCount(db, here, "life", day), `${here} ${day}`) ?? over.length;
  const [first] = over;
  if (!first) return null;
  const since = ({ kind, view }: typeof first) =>
    t("still_up_since", { day: showDay(value(view.fields, kindOf(catalog, kind)?.life?.from ?? "")) });
  const title = t("still_up", { n });
  const single = n === 1;
  return (
    <TaskGroup title={title}>
      {all || single ? (
        over.map((row) => (
          <TaskActs
            key={row.record}
            title={single && !all ? title : `${row.number} ${titleOf(row, catalog)}`}
            detail={single && !all ? `${row.number} · ${since(row)}` : since(row)}
            to={row}
          >
            <TakenDown row={row} />
          </TaskActs>
        ))
      ) : (
        <TaskLink title={title} detail={`${first.number} · ${since(first)}`} to="#/tasks" go={t("look")} />
      )}
    </TaskGroup>
  );
}
