// What the page could not send goes when there is a network again, the app being closed: the browser wakes the worker
// for it (Background Sync, Chromium). It does what the reducer says (exchange/reducer.ts), as the page does, as far as that goes for
// one who cannot read answers (SPEC X-35): it hands in what waits, of each officer of the phone. The app, when it is opened,
// asks for the last answer by the push's id (SPEC ), sends again what was handed in before that, which harms nothing
// and says until then what it knows, that the records wait. Photos go with the app.

import { APP, heldOf, pushText, wireOf } from "../core/protocol";
import type { OutboxEntry } from "../core/record";
import { type Effect, type Happening, NEW, step } from "../exchange/reducer";
import { idOf } from "../platform/ids";

/** What is read here of the rows of officers/officer.ts and db/schema.ts, which are the page's and know of it. */
interface Session {
  readonly ended: boolean;
  readonly token: string;
  readonly database: string;
}

interface Row {
  readonly wire: OutboxEntry;
  readonly made?: number;
  readonly received?: number;
}

/** Rejects where a server was not reached or is busy: the browser then tries again, later each time. */
export async function handIn(): Promise<void> {
  const phone = await existing("loa");
  const sessions: Session[] = await answer(phone.transaction("sessions").objectStore("sessions").getAll());
  phone.close();
  const ended = await Promise.allSettled(sessions.map(ofOne));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

async function ofOne({ ended, database, token }: Session): Promise<void> {
  if (ended) return;
  const phone = { db: await existing(database), token, sent: [] };
  try {
    let { state, effects } = step(NEW, { is: "begin" });
    for (let [effect] = effects; effect && isHandedIn(effect); [effect] = effects)
      ({ state, effects } = step(state, await perform(phone, effect)));
  } finally {
    phone.db.close();
  }
}

interface Phone {
  readonly db: IDBDatabase;
  readonly token: string;
  /** What a full phone has no room to note is known to this run at least. */
  readonly sent: string[];
}

/** To pull, to name and whatever follows is the app's. */
function isHandedIn(effect: Effect): boolean {
  return effect.do !== "send" || !!effect.question.writes;
}

async function perform({ db, token, sent }: Phone, effect: Effect): Promise<Happening> {
  if (effect.do === "look") return { ...NOTHING_ELSE, outbox: (await waiting(db, sent)).map(wireOf) };
  if (effect.do === "note") {
    // On the disk before it leaves, if that has room.
    const server_time: number | undefined = await answer(metaOf(db).get("exchanged_at"));
    const push = {
      id: await idOf(pushText(effect.writes, server_time)),
      writes: effect.writes.map(({ id }) => id),
    };
    await noted(db, push, "push");
    return { is: "noted", push };
  }
  if (effect.do !== "send") throw new Error(effect.do);
  const { writes = [] } = effect.question;
  await send(token, await requestOf(db, sent, effect.question));
  sent.push(...writes.map(({ id }) => id));
  // Those that wait still and were handed in: a note for this worker alone.
  const before: readonly string[] = (await answer(metaOf(db).get("handed"))) ?? [];
  const pending = await pendingIn(db);
  const ids = new Set([...before, ...sent]);
  await noted(
    db,
    pending.flatMap(({ wire }) => (ids.has(wire.id) ? [wire.id] : [])),
    "handed",
  );
  return { is: "handed in" };
}

/** The app asks for what was lost, and fetches what is new. */
const NOTHING_ELSE = {
  is: "seen",
  push: undefined,
  noted: undefined,
  again: false,
  etag: "",
  online: true,
} as const;

/** All that waits, writes first. A database of an app before has no other entries. */
async function pendingIn(db: IDBDatabase): Promise<Row[]> {
  const stores = ["writes", "entries"].filter((name) => db.objectStoreNames.contains(name));
  const rows = stores.map((name) => answer<Row[]>(storeOf(db, name).index("state").getAll("pending")));
  const [writes = [], entries = []] = await Promise.all(rows);
  return [...writes, ...entries.sort((a, b) => (a.made ?? 0) - (b.made ?? 0))];
}

/** What waits and was not handed in before. */
async function waiting(db: IDBDatabase, sent: readonly string[]): Promise<Row[]> {
  const rows = await pendingIn(db);
  const handed: readonly string[] = (await answer(metaOf(db).get("handed"))) ?? [];
  return rows.filter(({ wire }) => !(handed.includes(wire.id) || sent.includes(wire.id)));
}

async function requestOf(
  db: IDBDatabase,
  sent: readonly string[],
  question: { readonly writes?: readonly OutboxEntry[] },
): Promise<object> {
  const cursors: unknown[] = await answer(storeOf(db, "cursors").getAll());
  const restored: unknown = await answer(metaOf(db).get("restored"));
  const mark: unknown = await answer(metaOf(db).get("mark"));
  const refused: number = await answer(storeOf(db, "writes").index("state").count("refused"));
  const files: Parameters<typeof heldOf>[1] = await answer(
    storeOf(db, "uploads").index("state").getAll("waiting"),
  );
  const left = (await waiting(db, sent)).length - (question.writes?.length ?? 0);
  // An answer may have been changed on the page between the look at the outbox and the note that it goes.
  const kept = new Map((await pendingIn(db)).map((row) => [row.wire.id, wireOf(row)]));
  const writes = question.writes?.map((one) => kept.get(one.id) ?? one);
  return { app: APP, cursors, restored, mark, held: heldOf(left + refused, files), ...question, writes };
}

function storeOf(db: IDBDatabase, name: string): IDBObjectStore {
  return db.transaction(name).objectStore(name);
}

function metaOf(db: IDBDatabase): IDBObjectStore {
  return storeOf(db, "meta");
}

function noted(db: IDBDatabase, value: unknown, key: string): Promise<unknown> {
  return put(db, value, key).catch((error: unknown) => {
    if ((error as DOMException | null)?.name !== "QuotaExceededError") throw error;
  });
}

function put(db: IDBDatabase, value: unknown, key: string): Promise<unknown> {
  const tx = db.transaction("meta", "readwrite", { durability: "strict" });
  tx.objectStore("meta").put(value, key);
  return new Promise((resolve, reject) => {
    tx.oncomplete = resolve;
    tx.onabort = () => reject(tx.error);
  });
}

async function send(token: string, request: object): Promise<void> {
  const packed = new Blob([JSON.stringify(request)]).stream().pipeThrough(new CompressionStream("gzip"));
  const response = await fetch("/api/v1/sync", {
    method: "POST",
    headers: {
      Authorization: `Bearer ${token}`,
      Accept: "application/x-ndjson",
      "Content-Type": "application/json",
      "Content-Encoding": "gzip",
    },
    body: await new Response(packed).arrayBuffer(),
    credentials: "omit",
    redirect: "error",
    // The app, opened meanwhile, waits for this one's turn to end.
    signal: AbortSignal.timeout(30_000),
  });
  await response.body?.cancel();
  // The app handles refusals when it next runs.
  if (!response.ok) throw new Error(`${response.status}`);
}

/** Opened as it is, or not at all: the app alone makes databases. */
async function existing(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name);
  request.onupgradeneeded = () => request.transaction?.abort();
  const db = await answer(request);
  // A newer app on the page needs it: what is left here goes by that.
  db.onversionchange = () => db.close();
  return db;
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
