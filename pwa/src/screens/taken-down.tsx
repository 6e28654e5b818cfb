// One tap: what was put up is down, today. Another day is a matter of editing.

import { value } from "../core/record";
import { settle } from "../core/settle";
import { kindOf } from "../db/catalog";
import type { RecordRow } from "../db/schema";
import { t } from "../i18n/text";
import { today } from "../platform/clock";
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
