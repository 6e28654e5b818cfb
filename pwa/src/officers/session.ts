// Who uses this phone. A session names the database of its officer; enrolling the same officer again changes the
// token alone, so the outbox goes on under it (SPEC W-7). Another officer gets another database: kept apart.

import { type Database, open } from "../db/open";
import { forgetLost, KEPT } from "../db/unsent";
import { changed } from "../platform/changed";
import { isLocked, unlock } from "./lock";
import type { Session } from "./officer";

interface Schema {
  sessions: { row: Session };
}

let opened: Promise<Database<Schema>> | undefined;

function sessions(): Promise<Database<Schema>> {
  opened ??= open<Schema>("loa", { sessions: [] }).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Before the first question: the browser takes its time, in which the page can do other things. */
export function openPhone(): void {
  sessions().catch(() => null);
}

/** All officers of this phone; who uses it now first. */
export async function officers(): Promise<Session[]> {
  const all = await (await sessions()).getAll("sessions");
  return all.filter((one) => !one.leaving).sort((a, b) => b.turn - a.turn);
}

/** What the server answers to a code. */
export type Enrolled = Pick<Session, "officer" | "token" | "device" | "rescue_key">;

/** A PIN that nobody has given is forgotten: who has a new code for this officer needs none. */
export async function beginSession({ officer, token, device, rescue_key }: Enrolled): Promise<void> {
  const all = await officers();
  const before = all.find((one) => one.officer === officer);
  const database = before?.database ?? `loa-${device}`;
  const pin = before && !isLocked(before) ? before.pin : undefined;
  const session = { officer, token, device, rescue_key, database, ended: false, turn: nextTurn(all), pin };
  await (await sessions()).put("sessions", session, officer);
  unlock(officer);
}

/** Hands the phone to another of its officers. */
export async function takeTurn(session: Session): Promise<void> {
  await update(session, { turn: nextTurn(await officers()) });
}

function nextTurn([first]: readonly Session[]): number {
  return (first?.turn ?? 0) + 1;
}

type Named = Pick<Session, "officer" | "token">;

/** Changes what is kept of a session, unless it has begun anew meanwhile. */
export async function update({ officer, token }: Named, parts: Partial<Session>): Promise<void> {
  await (await sessions()).atomically(async (tx) => {
    const held = await tx.get("sessions", officer);
    if (held?.token === token) await tx.put("sessions", { ...held, ...parts }, officer);
  });
  changed();
}

/**
 * The officer leaves this phone: from now on they are none of its officers, whatever comes between. What is theirs is cleared by
 * `finishLeaving`, now or at a later start.
 */
export async function beginLeaving(session: Session): Promise<void> {
  const { officer, database } = session;
  // Of the officer themselves nothing is kept, and no worker sends with it.
  const nobody = { officer: "", token: "", device: "", rescue_key: "", ended: true, turn: 0 };
  await (await sessions()).atomically(async (tx) => {
    await tx.delete("sessions", officer);
    // Under a name of its own: the officer may come back before all is cleared.
    await tx.put("sessions", { ...nobody, database, leaving: Date.now() }, `leaving ${database}`);
  });
}

/** What another page holds goes when that lets go; it is asked for again at the next start. */
const HELD_MS = 2_000;

/** A browser writes down late that a note went: one that is killed up to minutes later has it back. */
const COMES_BACK_MS = 86_400_000;

/** The databases of those who left lately: what is found of them is of no interest to anybody. */
export async function leavers(): Promise<string[]> {
  const all = await (await sessions()).getAll("sessions");
  return all.filter((one) => one.leaving).map(({ database }) => database);
}

/** Clears what is here of officers who left: killed anywhere, it goes on with the next start, and each start of a day looks again. */
export async function finishLeaving(): Promise<void> {
  const all = await (await sessions()).getAll("sessions");
  for (const { database, leaving } of all) {
    // Who came back with the same code has the same database again.
    if (!leaving || all.some((one) => !one.leaving && one.database === database)) continue;
    if ((await cleared(database)) && Date.now() - leaving > COMES_BACK_MS)
      await (await sessions()).delete("sessions", `leaving ${database}`);
  }
}

async function cleared(database: string): Promise<boolean> {
  // Before the database: else its end would be taken for a browser's (unsent.ts).
  forgetLost([KEPT + database]);
  for (const name of await caches.keys()) if (name.endsWith(database)) await caches.delete(name);
  return deleted(database);
}

function deleted(database: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(database);
    asked.onsuccess = () => resolve(true);
    asked.onerror = () => resolve(false);
    asked.onblocked = () => setTimeout(() => resolve(false), HELD_MS);
  });
}
