// Keeps each record's `view` equal to what its parts say. Called inside the transaction that changed a part, so what
// is shown and what is stored are never apart.
import { view } from "../sync/view";
import { today } from "./clock";
import { metaIn, type RecordRow, type Tx } from "./db";

export type Seed = Pick<RecordRow, "record" | "kind" | "unit" | "campaign">;
export type Unviewed = Omit<RecordRow, "view" | "list">;

/** A stream belongs to one unit and campaign (SPEC C-1). */
export function streamOf({ unit, campaign }: { readonly unit: string; readonly campaign: string }): string {
  return `${unit} ${campaign}`;
}

/** The row of a record, or a new one at the end of the list. `day` is empty for what came in a first pull. */
export async function rowOf(tx: Tx, seed: Seed, day = today()): Promise<Unviewed> {
  const held = await tx.objectStore("records").get(seed.record);
  if (held) return held;
  const order = ((await metaIn(tx, "order")) ?? 0) + 1;
  await tx.objectStore("meta").put(order, "order");
  const { record, kind, unit, campaign } = seed;
  return { record, kind, unit, campaign, number: "", base: {}, decision: null, order, day };
}

/** `BR-K7.1`: said on this phone until the hub gives the final number. */
export async function provisional(tx: Tx, kind: string): Promise<string> {
  const catalog = await metaIn(tx, "catalog");
  const prefix = catalog?.kinds.find((one) => one.kind === kind)?.prefix ?? "";
  const numbers = (await metaIn(tx, "numbers")) ?? {};
  const next = (numbers[kind] ?? 0) + 1;
  await tx.objectStore("meta").put({ ...numbers, [kind]: next }, "numbers");
  return `${prefix}-${catalog?.officer.mark ?? ""}.${next}`;
}

/** Puts the row with its view made anew; drops it when nothing of it is left on this phone. */
export async function refresh(tx: Tx, row: Unviewed): Promise<void> {
  const store = tx.objectStore("records");
  const own = await tx.objectStore("writes").index("record").getAll(row.record);
  const photos = await tx.objectStore("uploads").index("record").getAll(row.record);
  const me = (await metaIn(tx, "catalog"))?.officer.name ?? "";
  const shown = view(row.base, own, photos, row.decision, me);
  if (Object.keys(shown.fields).length === 0) {
    await store.delete(row.record);
    return;
  }
  const { attention: _, ...rest } = row;
  const needs = shown.marks.length > 0 ? "conflict" : shown.state === "returned" ? "returned" : null;
  await store.put({
    ...rest,
    view: shown,
    list: [row.campaign, shown.hidden ? "deleted" : "shown", row.order],
    ...(needs && { attention: [row.campaign, needs] }),
  });
}

export async function refreshById(tx: Tx, record: string): Promise<void> {
  const row = await tx.objectStore("records").get(record);
  if (row) await refresh(tx, row);
}
