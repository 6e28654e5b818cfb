// What the level above said of this unit's records, as it came, the newest first. Looked at, it is new no more.
import { useEffect, useState } from "preact/hooks";
import { lookedAt, notices, PAGE } from "../../db/queries";
import { meta, type RecordRow } from "../../db/schema";
import { t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { showTime } from "../../ui/show";
import { TaskLink } from "../../ui/task";
import { More } from "../list";

export function NewsScreen() {
  const { db, here } = useApp();
  const [most, setMost] = useState(PAGE);
  const [seen, setSeen] = useState<number>();
  // As it was when the screen was opened: the dots stay while one reads.
  useEffect(() => {
    void meta(db, "news_seen").then((all) => {
      setSeen(all?.[here] ?? 0);
      return lookedAt(db, here);
    });
  }, [db, here]);
  const rows = useLive(() => notices(db, here, most + 1), `${here} ${most}`);
  if (!rows || seen === undefined) return null;
  return (
    <>
      <h1>{t("news")}</h1>
      {rows.length === 0 && <p class="empty">{t("news_none")}</p>}
      <ul class="tasks">
        {rows.slice(0, most).map((row) => (
          <News key={row.record} row={row} fresh={(row.told?.[1] ?? 0) < seen} />
        ))}
      </ul>
      <More found={rows.length} most={most} set={setMost} />
    </>
  );
}

function News({ row, fresh }: { readonly row: RecordRow; readonly fresh: boolean }) {
  const { decision, messages, told } = row;
  const said = messages?.find(({ id }) => id === told?.[2]);
  if (!(said ?? decision)) return null;
  const [what, text, by, at] = said
    ? [t("news_said"), said.text, said.by, said.at]
    : [word("states", String(decision?.verdict)), decision?.reason, decision?.by, decision?.at];
  return (
    <TaskLink
      title={`${row.number}: ${what}`}
      detail={[text, by, showTime(Number(at))].filter(Boolean).join(" · ")}
      to={row}
      go={t("look")}
      fresh={fresh}
    />
  );
}
