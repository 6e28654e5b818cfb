// One tap: what was put up is down, today. Another day is a matter of editing.
import { today } from "../device/clock";
import type { RecordRow } from "../device/db";
import { kindOf } from "../device/named";
import { t } from "../i18n/text";
import { value } from "../sync/record";
import { settle } from "../sync/settle";
import { useApp } from "../ui/app-context";
import { act } from "./act";

export function TakenDown({ row }: { readonly row: RecordRow }) {
  const { db, catalog } = useApp();
  const { fields } = row.view;
  const life = kindOf(catalog, row.kind)?.life;
  if (!(life && value(fields, life.from)) || fields[life.to]?.some((side) => side.value)) return null;
  const down = () => act(db, row, settle(fields, { [life.to]: today() }), t("taken_down_said"));
  return (
    <button type="button" onClick={down}>
      {t("taken_down")}
    </button>
  );
}
