// An officer's phone before a server of the exchange: what it wrote, what it has of the records, what it asked.
import { CATALOG, fill, phone } from "../db/phone.testing";
import { amend } from "../db/records";
import type { Db, WriteRow } from "../db/schema";
import type { Asked } from "../platform/server.testing";
import { BROWSER, Driver, type Environment } from "./driver";

class Stopped extends Error {}

/** What a run knew and had no room to keep. */
export interface Unkept {
  stored: ReadonlySet<string>;
  full?: unknown;
}

/** A page in the browser of the test, which the driver lives as long as. */
export class Tab {
  readonly #unkept: Unkept = { stored: new Set() };
  readonly #driver: Driver;
  readonly #whole: boolean;

  /** `whole`: with what goes beside the text. */
  constructor(whole = false, env: Partial<Environment> = {}) {
    this.#whole = whole;
    this.#driver = new Driver({
      ...BROWSER,
      onEffect: (effect, { stored, full }) => {
        Object.assign(this.#unkept, { stored, full });
        if (!this.#whole && effect.do === "upload") throw new Stopped();
      },
      ...env,
    });
  }

  async sync({ name }: Db, token = "t"): Promise<Unkept> {
    await this.#driver.sync({ database: name, token }).catch((error: unknown) => {
      if (!(error instanceof Stopped)) throw error;
    });
    return this.#unkept;
  }
}

/** A sync of the text (SPEC X-30), in a tab of its own unless it is said in which. */
export function exchange(db: Db, tab = new Tab()): Promise<Unkept> {
  return tab.sync(db);
}

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
    if (await exchange(db).then(Boolean, () => false)) return;
  }
  throw new Error("it never ended");
}
