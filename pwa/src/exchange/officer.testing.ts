// An officer's phone before a server of the exchange: what it wrote, what it has of the records, what it asked.
import { CATALOG, fill, phone } from "../db/phone.testing";
import { amend } from "../db/records";
import type { Db, WriteRow } from "../db/schema";
import type { Asked } from "../platform/server.testing";
import { exchange } from "./loop";

/** With an outbox as saving leaves it. */
export async function officer(...writes: WriteRow[]): Promise<Db> {
  const db = await phone({ meta: { catalog: CATALOG } });
  await wrote(db, ...writes);
  return db;
}

export async function wrote(db: Db, ...writes: WriteRow[]): Promise<void> {
  const records = new Set(writes.map(({ record }) => record));
  for (const record of [...records]) if (await db.get("records", record)) records.delete(record);
  await fill(db, { writes, records: [...records].map((record) => ({ record })) });
  await amend(db, async (tx) => writes.map(({ record }) => tx.touched.add(record)));
}

/** The outbox by its states, in order. */
export async function states(db: Db): Promise<string[]> {
  return (await db.getAll("writes")).map(({ id, state }) => `${id} ${state}`);
}

/** What the phone pulled, as the server says its state. */
export async function pulled(db: Db): Promise<unknown> {
  const rows = await db.getAll("records");
  const sides = rows.map(({ record, base }) => [
    record,
    Object.fromEntries(Object.entries(base).map(([field, all]) => [field, all.map(({ id }) => id).sort()])),
  ]);
  return Object.fromEntries(sides);
}

/** What each request said, in short. */
export function requests(asked: readonly Asked[]): string[] {
  return asked.map(({ said: { push, ask, known, writes = [] } }) =>
    ask
      ? "ask"
      : known
        ? "known"
        : push
          ? `push ${writes.map(({ id }: { id: string }) => id).join(" ")}`
          : "pull",
  );
}

/** Tries, as the app does by its clock, until one ends well. */
export async function atLast(db: Db): Promise<void> {
  for (let tries = 0; tries < 9; tries += 1) {
    if (await exchange(db, "t").then(Boolean, () => false)) return;
  }
  throw new Error("it never ended");
}
