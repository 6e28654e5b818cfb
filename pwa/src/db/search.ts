// Finds records by words: every word of the question stands somewhere in the record, whatever the marks on either side.
// What is looked through is kept beside each record, folded (core/text.ts): its number, its unit, every text it says.
import type { Kind } from "../core/kind";
import { values } from "../core/record";
import { fold } from "../core/text";
import { verdictToRead } from "../core/view";
import { part, type Values } from "../core/write";
import { byId, type Catalog, kindOf } from "./catalog";
import type { Db, RecordRow, WordsRow } from "./schema";

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
  const on = dayIn(kindOf(catalog, kind), values(fields)) ?? row.day;
  return { record, campaign, kind, order, state, returned, text, on };
}

/** The day that a record is of: the first that its kind asks for; of a schedule the first. */
function dayIn(kind: Kind | undefined, held: Values): string | undefined {
  const day = ({ name, type }: Kind["fields"][number]) =>
    type === "date" ? held[name] : type === "schedule" ? part(held[name], "from") : null;
  const found = kind?.fields.map(day).find((one) => typeof one === "string");
  return found ? String(found) : undefined;
}

export interface Asked {
  readonly text: string;
  /** Empty: any. */
  readonly state: string;
  readonly kind: string;
  /** ISO days, both counted; empty: any. */
  readonly from?: string;
  readonly to?: string;
}

/** All that may be found of a campaign, the newest first. */
export async function searched(db: Db, campaign: string): Promise<WordsRow[]> {
  const rows = (await db.getAll("words")).filter((row) => row.campaign === campaign);
  return rows.sort((a, b) => b.order - a.order);
}

export function found(
  rows: readonly WordsRow[],
  { text, state, kind, from = "", to = "" }: Asked,
): WordsRow[] {
  const words = fold(text).split(" ");
  return rows.filter(
    (row) =>
      (!state || row.state === state || (state === "returned" && row.returned)) &&
      (!kind || row.kind === kind) &&
      (!from || (row.on ?? "") >= from) &&
      (!to || (row.on !== undefined && row.on <= to)) &&
      words.every((word) => row.text.includes(word)),
  );
}

export async function recordsOf(db: Db, rows: readonly WordsRow[]): Promise<RecordRow[]> {
  const records = await Promise.all(rows.map(({ record }) => db.get("records", record)));
  return records.flatMap((one) => one ?? []);
}
