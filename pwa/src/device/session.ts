// Who uses this phone. A session names the database of its officer; enrolling the same officer again changes the
// token alone, so the outbox goes on under it (SPEC X-14). Another officer gets another database: kept apart.
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import { changed } from "./bus";

export interface Session {
  readonly officer: string;
  readonly token: string;
  readonly database: string;
  /** The hub no longer takes the token: a new code is needed, nothing on the phone is touched. */
  readonly ended: boolean;
}

interface Schema extends DBSchema {
  sessions: { key: string; value: Session };
}

const CURRENT = "current";
let opened: Promise<IDBPDatabase<Schema>> | undefined;

function sessions(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("loa", 1, { upgrade: (db) => void db.createObjectStore("sessions") });
  return opened;
}

export async function currentSession(): Promise<Session | undefined> {
  return (await sessions()).get("sessions", CURRENT);
}

export interface Enrolled {
  readonly token: string;
  readonly device: string;
  readonly officer: string;
}

export async function begin({ token, device, officer }: Enrolled): Promise<Session> {
  const db = await sessions();
  const before = await db.get("sessions", officer);
  const database = before?.database ?? `loa-${device}`;
  const session = { officer, token, database, ended: false };
  await store(db, session);
  return session;
}

/** After a 401. */
export async function end(session: Session): Promise<void> {
  await store(await sessions(), { ...session, ended: true });
  changed();
}

async function store(db: IDBPDatabase<Schema>, session: Session): Promise<void> {
  const tx = db.transaction("sessions", "readwrite", { durability: "strict" });
  await Promise.all([tx.store.put(session, session.officer), tx.store.put(session, CURRENT), tx.done]);
}
