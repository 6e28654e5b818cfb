// One answer to a yes or no for all records of a kind in a campaign (SPEC F-39): ordinary writes, and the proposal of the next forms.
import type { Kind } from "../core/kind";
import { type Values, value } from "../core/record";
import { settle } from "../core/settle";
import { isUnsaid, questionOf } from "../core/sums";
import { type Db, type KindAnswer, meta, type RecordRow, type Tx } from "../db/schema";
import { saveActs } from "./save";

export async function kindAnswers(rows: Tx, campaign: string): Promise<Readonly<Record<string, KindAnswer>>> {
  return (await meta(rows, "kind_answers"))?.[campaign] ?? {};
}

/** What a new form begins with: what the officer said of the whole kind, as a person's answer. */
export async function proposed(db: Db, kind: Kind, campaign: string): Promise<Values> {
  const question = questionOf(kind);
  const answer = (await kindAnswers(db, campaign))[kind.kind]?.value ?? null;
  return question?.said_by && answer !== null
    ? { [question.name]: answer, [question.said_by]: "person" }
    : {};
}

/**
 * Writes the answer to each record of the unit that has none, and to those that hold the one that was given so before: to
 * answer again takes that back. Returns how many.
 */
export async function answerKind(
  db: Db,
  kind: Kind,
  unit: string,
  campaign: string,
  answer: boolean | null,
): Promise<number> {
  const question = questionOf(kind);
  if (!question?.said_by) return 0;
  const { name, said_by: by } = question;
  const before = (await kindAnswers(db, campaign))[kind.kind];
  const isBefore = ({ record, view }: RecordRow) =>
    before?.records.includes(record) &&
    value(view.fields, name) === before.value &&
    value(view.fields, by) === "person" &&
    !(view.hidden || view.marks.length > 0);
  const rows = (await db.getAll("records", "stream", [unit, campaign])).filter(
    (row) => row.kind === kind.kind,
  );
  const given = rows.filter((row) => isUnsaid(kind, row.view) || isBefore(row));
  // Where it is not known nothing is written to those without an answer.
  const written = given.filter(({ view }) => value(view.fields, name) !== answer);
  const set = { [name]: answer, [by]: answer === null ? null : "person" };
  await saveActs(
    db,
    written.map((row) => [row, settle(row.view.fields, set)]),
    async (tx) => {
      const all = (await meta(tx, "kind_answers")) ?? {};
      const records = given.map(({ record }) => record);
      const ours = { ...all[campaign], [kind.kind]: { value: answer, records } };
      await tx.put("meta", { ...all, [campaign]: ours }, "kind_answers");
    },
  );
  return written.length;
}
