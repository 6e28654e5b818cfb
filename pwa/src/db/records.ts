// Keeps each record's `view` equal to what its parts say, in the transaction that changed a part: what is shown and
// what is stored are never apart.
import type { Kind } from "../core/kind";
import { part, type Values, values } from "../core/record";
import { countedOf, type Sum, type Sums, sumOf, tally } from "../core/sums";
import { fold } from "../core/text";
import { dueOf, saidAbove, type View, verdictToRead, view } from "../core/view";
import { changed } from "../platform/changed";
import { today } from "../platform/clock";
import { byId, type Catalog, kindOf, type Unit, wholeOf } from "./catalog";
import { type Db, LAYOUT, meta, type RecordRow, type Schema, type Tx, type WordsRow } from "./schema";

/** By which rules totals and words were made. Raise it where an app folds, counts or lists otherwise: both are made anew. */
const RECKONED_BY = 4;

interface Here {
  readonly db: Db;
  readonly catalog: Catalog;
  readonly unit: Unit | undefined;
  readonly here: string;
}

export type Seed = Pick<RecordRow, "record" | "kind" | "unit" | "campaign">;

/** What a record hangs on; not the bytes of files, which take long to write and are waited for by nobody else. */
const OF_RECORDS = (Object.keys(LAYOUT) as (keyof Schema)[]).filter((store) => store !== "bytes");

/** One transaction over records, their writes and photos. It ends with new views, and every screen reads anew. */
export async function amend<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  const result = await db.atomically(async (tx) => {
    const worked = await work(tx);
    if (await tx.get("meta", "sums")) await outgrow(tx);
    const catalog = await meta(tx, "catalog");
    const sums = (await meta(tx, "reckoned_by")) === RECKONED_BY ? await meta(tx, "totals") : undefined;
    for (const record of tx.touched) await refresh(tx, record, catalog, sums);
    await tx.put("meta", sums ?? (await reckon(tx, catalog)), "totals");
    if (!sums) await tx.put("meta", RECKONED_BY, "reckoned_by");
    return worked;
  }, OF_RECORDS);
  changed();
  return result;
}

/** An app before this one kept other sums, and knew neither `unsent` nor `resubmitted`: those views are made anew. */
async function outgrow(tx: Tx): Promise<void> {
  await tx.delete("meta", "sums");
  for (const { record, view, decision } of await tx.getAll("records")) {
    const other = view.delivery === "on_phone" || view.delivery === "refused";
    if (other || decision?.verdict === "returned") tx.touched.add(record);
  }
}

/** What the unit that one works for has in this campaign, as the desk counts it: not what another of theirs has. */
export async function sumHere({ db, catalog, unit, here }: Here): Promise<Sum> {
  return sumOf((await meta(db, "totals")) ?? {}, wholeOf(catalog.units, unit), here);
}

/** Whether the totals that the plan is shown by are there, and the rules that made them are this app's. */
export async function isReckoned(db: Db): Promise<boolean> {
  const [totals, by] = await Promise.all([meta(db, "totals"), meta(db, "reckoned_by")]);
  return totals !== undefined && by === RECKONED_BY;
}

/** Makes them at the start of the app, where they are not there. */
export async function ensureTotals(db: Db): Promise<void> {
  if (!(await isReckoned(db))) await amend(db, async () => undefined);
}

/** How this officer's own writes are signed until the server signs them. */
export async function ownName(tx: Tx): Promise<string> {
  return (await meta(tx, "catalog"))?.officer.name ?? "";
}

/** The row of a record, or a new one at the end of the list. `day` is empty for what came in a first pull. */
export async function rowOf(tx: Tx, seed: Seed, day = today()): Promise<RecordRow> {
  const held = await tx.get("records", seed.record);
  if (held) return held;
  const order = ((await meta(tx, "order")) ?? 0) + 1;
  await tx.put("meta", order, "order");
  return newRow(seed, order, day);
}

/** Its view and lists are made when the transaction ends. */
export function newRow({ record, kind, unit, campaign }: Seed, order: number, day: string): RecordRow {
  const row = { record, kind, unit, campaign, number: "", base: {}, decision: null, order, day };
  return row as unknown as RecordRow;
}

/** Makes the view of a record anew; drops the record when nothing of it is left on this phone. */
async function refresh(
  tx: Tx,
  record: string,
  catalog: Catalog | undefined,
  sums: Sums | undefined,
): Promise<void> {
  const row = await tx.get("records", record);
  if (!row) return;
  const kind = kindOf(catalog, row.kind);
  const own = await tx.getAll("writes", "record", record);
  const photos = await tx.getAll("uploads", "record", record);
  const shown = view(row.base, own, photos, row.decision, catalog?.officer.name ?? "");
  if (sums) tally(sums, countedKind(catalog, row), row, -1);
  await tx.delete("words", record);
  if (Object.keys(shown.fields).length === 0) {
    await tx.delete("histories", record);
    return tx.delete("records", record);
  }
  const last = Math.max(row.written ?? 0, ...own.map((write) => write.position ?? 0));
  const came = Math.max(
    row.received ?? 0,
    ...own.map((write) => (write.position ? (write.received ?? 0) : 0)),
  );
  const counted = countedOf({ ...row, view: shown });
  const next = { ...row, ...placed(row, kind, shown), counted, last, came, view: shown };
  if (sums) tally(sums, countedKind(catalog, next), next, 1);
  await tx.put("records", next);
  await index(tx, next, catalog);
}

/** None of what is still here of a unit that this officer has no more: its plan is another's (L-10). */
function countedKind(catalog: Catalog | undefined, { kind, unit }: RecordRow): Kind | undefined {
  return byId(catalog?.units, unit) && kindOf(catalog, kind);
}

/** Found is what lists show. */
async function index(tx: Tx, row: RecordRow, catalog: Catalog | undefined): Promise<void> {
  if (row.list[1] === "shown") await tx.put("words", wordsOf(row, catalog));
}

/** In which lists a record stands, and where. */
function placed(
  { campaign, order, decision }: RecordRow,
  kind: Kind | undefined,
  shown: View,
): Pick<RecordRow, "list" | "attention" | "due"> {
  // An act is in no list, so nobody is asked to settle one: whoever acts next does (SPEC F-6).
  const needs = kind?.act
    ? null
    : shown.marks.length > 0
      ? "conflict"
      : verdictToRead(shown, decision) === "returned"
        ? "returned"
        : null;
  const due = dueOf(kind, shown);
  return {
    list: [campaign, shown.hidden ? "deleted" : kind?.act ? "act" : "shown", -order],
    attention: needs && [campaign, needs],
    due: due && [campaign, ...due],
  };
}

/** No moment of ours is later: what was there before stands behind all that comes afterwards. */
const LATEST_MS = 4e12;

/** Where a decision stands among those that came: one that is noted nowhere, by when it was made. */
export function noticeBefore({
  campaign,
  decision,
  messages,
  told,
}: Pick<RecordRow, "campaign" | "decision" | "messages" | "told">): RecordRow["told"] {
  const said = saidAbove(messages);
  if (told && (told[2] === decision?.id || messages?.some(({ id }) => id === told[2]))) return told;
  const last = !decision || (said && said.at > decision.at) ? said : decision;
  return last ? [campaign, LATEST_MS - last.at, last.id] : null;
}

/** Once for each catalogue: it says what counts, what no list shows, what is asked and what ids are called. */
async function reckon(tx: Tx, catalog: Catalog | undefined): Promise<Sums> {
  const sums: Sums = {};
  for (const row of await tx.getAll("records")) {
    const kind = kindOf(catalog, row.kind);
    const next = { ...row, ...placed(row, kind, row.view), counted: countedOf(row), told: noticeBefore(row) };
    tally(sums, countedKind(catalog, next), next, 1);
    if (
      `${next.list} ${next.due} ${next.told}` !== `${row.list} ${row.due ?? null} ${row.told ?? null}` ||
      next.counted?.decision !== row.counted?.decision
    ) {
      await tx.put("records", next);
    }
    await index(tx, next, catalog);
  }
  return sums;
}

// Finds records by words: every word of the question stands somewhere in the record, whatever the marks on either side.
// What is looked through is kept beside each record, folded (core/text.ts): its number, its unit, every text it says.

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
