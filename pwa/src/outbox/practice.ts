// The return of the practice: no reviewer makes it and nobody is sent it. This phone says it of one practice record, and the record's
// page and form show it as they show any other, until the officer sends that record again.
import type { Decision } from "../core/view";
import { type Db, meta, type RecordRow, type Tx } from "../db/schema";

/** The id of such a decision, which no server knows: nothing is answered to it. */
export const PRACTICE = "practice";

export async function returnPractice(
  db: Db,
  record: string,
  said: Pick<Decision, "by" | "reason" | "fields">,
): Promise<void> {
  await db.atomically(async (tx) => {
    const writes = (await tx.getAll("writes", "record", record)).length;
    const decision: Decision = { id: PRACTICE, verdict: "returned", amended: false, at: Date.now(), ...said };
    await tx.put("meta", { record, writes, decision }, "practised");
  });
}

/** The record as it is shown: with that return, if it is about this one and nothing was written since. A real decision goes before it. */
export async function asPractised<R extends RecordRow | null | undefined>(rows: Db | Tx, row: R): Promise<R> {
  const practised = await meta(rows, "practised");
  if (!row || row.decision || practised?.record !== row.record) return row;
  const { length } = await rows.getAll("writes", "record", row.record);
  if (length > practised.writes) return row;
  return { ...row, decision: practised.decision, view: { ...row.view, state: "returned" } };
}
