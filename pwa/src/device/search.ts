// Finds records by words: every word of the question stands somewhere in the record, whatever the marks on either side.
import { fold } from "../sync/text";
import type { Db, RecordRow, WordsRow } from "./db";

export interface Asked {
  readonly text: string;
  /** Empty: any. */
  readonly state: string;
  readonly kind: string;
}

/** All that may be found of a campaign, the newest first. */
export async function searched(db: Db, campaign: string): Promise<WordsRow[]> {
  const rows = (await db.getAll("words")).filter((row) => row.campaign === campaign);
  return rows.sort((a, b) => b.order - a.order);
}

export function found(rows: readonly WordsRow[], { text, state, kind }: Asked): WordsRow[] {
  const words = fold(text).split(" ");
  return rows.filter(
    (row) =>
      (!state || row.state === state || (state === "returned" && row.returned)) &&
      (!kind || row.kind === kind) &&
      words.every((word) => row.text.includes(word)),
  );
}

export async function recordsOf(db: Db, rows: readonly WordsRow[]): Promise<RecordRow[]> {
  const records = await Promise.all(rows.map(({ record }) => db.get("records", record)));
  return records.flatMap((one) => one ?? []);
}
