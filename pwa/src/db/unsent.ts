// Numbers of the records that the server does not hold whole, in localStorage: a browser leaves that alone when it deletes
// databases for lack of room. If a database goes, the app names what was lost, so that it can be recorded again.
import { type Db, meta } from "./schema";

/** With the name of the database behind it. */
export const KEPT = "loa-unsent ";
/** Of each kind of reason; beyond, nobody reads on. */
const NAMED = 50;

let turns = 0;
/** The turn whose numbers stand, by the name of the database. */
const standing = new Map<string, number>();

/** Called after every change. `ledger` marks the database as noted here: one that was made anew lacks the mark. */
export async function noteUnsent(db: Db): Promise<void> {
  turns += 1;
  const turn = turns;
  const lists = ["refused", "on_phone", "received"].map((delivery) =>
    db.getAll("records", "delivery", delivery, NAMED),
  );
  const numbers = (await Promise.all(lists)).flat().map(({ number }) => number);
  const text = numbers.join(", ");
  // The mark first: numbers without it are taken for those of a database that is gone.
  if (!(await meta(db, "ledger"))) await db.put("meta", true, "ledger");
  // An older read that ends later does not replace a newer one.
  if (turn < (standing.get(db.name) ?? 0)) return;
  standing.set(db.name, turn);
  if (text !== localStorage.getItem(KEPT + db.name)) localStorage.setItem(KEPT + db.name, text);
}

/** The keys of what was written down of databases that are gone, or empty again. */
export async function lostKeys(db?: Db): Promise<string[]> {
  // A browser that does not say which there are is not asked.
  const there = (await indexedDB.databases?.())?.map(({ name }) => name);
  const anew = db && !(await meta(db, "ledger"));
  const gone = (name: string) => there?.includes(name) === false || (anew && name === db.name);
  return Object.keys(localStorage).filter((key) => key.startsWith(KEPT) && gone(key.slice(KEPT.length)));
}

/** The numbers under these keys; empty where all was safe. */
export function lostNumbers(keys: readonly string[]): string {
  return keys.flatMap((key) => localStorage.getItem(key) || []).join(", ");
}

export function forgetLost(keys: readonly string[]): void {
  for (const key of keys) localStorage.removeItem(key);
}
