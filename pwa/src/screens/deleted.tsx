// Deleted records: each can be opened and taken back.
import { useState } from "preact/hooks";
import { newest, PAGE } from "../db/queries";
import { t } from "../i18n/text";
import { useApp } from "../ui/app-context";
import { Item } from "../ui/item";
import { useLive } from "../ui/live";
import { More } from "./list";

export function Deleted() {
  const { db, here } = useApp();
  const [most, setMost] = useState(PAGE);
  const rows = useLive(() => newest(db, here, "deleted", most + 1), String(most)) ?? [];
  return (
    <>
      <h1>{t("deleted_list")}</h1>
      {rows.length > 0 ? (
        <ul class="items">
          {rows.slice(0, most).map((row) => (
            <li key={row.record}>
              <Item row={row} />
            </li>
          ))}
        </ul>
      ) : (
        <p class="empty">{t("nothing_deleted")}</p>
      )}
      <More found={rows.length} most={most} set={setMost} />
    </>
  );
}
