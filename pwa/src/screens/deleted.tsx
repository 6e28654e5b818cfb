// Deleted records: each can be opened and taken back.
import { useState } from "#view/hooks";
import { newest, PAGE } from "../device/lists";
import { t } from "../i18n/text";
import { useApp } from "../ui/app-context";
import { useLive } from "../ui/live";
import { List, More } from "./list";

export function Deleted() {
  const { db, here } = useApp();
  const [most, setMost] = useState(PAGE);
  const rows = useLive(() => newest(db, here, "deleted", most + 1), String(most)) ?? [];
  return (
    <>
      <h1>{t("deleted_list")}</h1>
      <List title={t("deleted_list")} rows={rows.slice(0, most)} />
      {rows.length === 0 && <p class="empty">{t("nothing_deleted")}</p>}
      <More found={rows.length} most={most} set={setMost} />
    </>
  );
}
