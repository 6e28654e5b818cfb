// What a search finds a record by: its number, its unit and every text it says, folded (sync/text.ts).
import { fold } from "../sync/text";
import { verdictToRead } from "../sync/view";
import type { Catalog } from "./catalog";
import type { RecordRow, WordsRow } from "./db";
import { byId } from "./named";

export function wordsOf(row: RecordRow, catalog: Catalog | undefined): WordsRow {
  const { record, campaign, kind, order, number } = row;
  const { fields, state } = row.view;
  const unit = byId(catalog?.units, row.unit)?.name;
  const slogans = byId(catalog?.campaigns, campaign)?.slogans;
  const said = Object.values(fields).flatMap((sides) => sides.map(({ value }) => value));
  // A slogan is named by its id; other ids and choices are words of no language, and find nothing anybody types.
  const texts = said.map((value) => byId(slogans, value)?.text ?? value);
  const text = fold([number, unit, ...texts.filter((one) => typeof one === "string")].join(" "));
  const returned = verdictToRead(row.view, row.decision) === "returned";
  return { record, campaign, kind, order, state, returned, text };
}
