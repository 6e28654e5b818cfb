// What the page could not send goes when there is a network again, the app being closed: the browser wakes the worker
// for it (Background Sync, Chromium). It hands in what waits, of each officer of the phone, and reads nothing of the
// answers, so it needs no part of the exchange: the app, when it is opened, asks for the last answer by the push's id
// (SPEC ), sends again what was handed in before that, which harms nothing, and says until then what it
// knows, that the records wait. Photos go with the app.

import { type Held, heldOf } from "../core/held";
import { APP, firstPush, pushText, wireOf } from "../core/push";
import type { Write } from "../core/write";
import { idOf } from "../platform/ids";

/** What is read here of the rows of officers/officer.ts and db/schema.ts, which are the page's and know of it. */
interface Session {
  readonly ended: boolean;
  readonly token: string;
  readonly database: string;
}

interface Row {
  readonly wire: Write;
  readonly received?: number;
}

/** `handed`: ids of what waits still and was handed in, which is for this worker alone. */
interface Begun {
  readonly app: number;
  readonly cursors: readonly unknown[];
  readonly restored: unknown;
  readonly mark: unknown;
  readonly push: string;
  readonly writes: readonly Write[];
  readonly held: Held;
  readonly handed: readonly string[];
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
  const db = await existing(database);
  // What a full phone has no room to note is known to this run at least.
  const sent: string[] = [];
  try {
    for (let push = await begun(db, sent); push; push = await begun(db, sent)) {
      await send(token, push);
      sent.push(...push.writes.map(({ id }) => id));
      await noted(db, [...push.handed, ...sent], "handed");
    }
  } finally {
    db.close();
  }
}

/** The next push of what waits and was not handed in before; it is on the disk before it leaves, if that has room. */
async function begun(db: IDBDatabase, sent: readonly string[]): Promise<Begun | null> {
  const tx = db.transaction(["writes", "cursors", "uploads", "meta"]);
  const meta = tx.objectStore("meta");
  const rows: Row[] = await answer(tx.objectStore("writes").index("state").getAll("pending"));
  const cursors: unknown[] = await answer(tx.objectStore("cursors").getAll());
  const restored: unknown = await answer(meta.get("restored"));
  const mark: unknown = await answer(meta.get("mark"));
  const refused: number = await answer(tx.objectStore("writes").index("state").count("refused"));
  const waiting: Parameters<typeof heldOf>[1] = await answer(
    tx.objectStore("uploads").index("state").getAll("waiting"),
  );
  const before: readonly string[] = (await answer(meta.get("handed"))) ?? [];
  const heard: number | undefined = await answer(meta.get("exchanged_at"));
  const handed = [...new Set([...before, ...sent])].filter((id) => rows.some(({ wire }) => wire.id === id));
  const writes = firstPush(rows.map(wireOf).filter(({ id }) => !handed.includes(id)));
  if (writes.length === 0) return null;
  const push = await idOf(pushText(writes, heard));
  await noted(db, { id: push, writes: writes.map(({ id }) => id) }, "push");
  const held = heldOf(rows.length - handed.length - writes.length + refused, waiting);
  return { app: APP, cursors, restored, mark, push, writes, held, handed };
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

async function send(token: string, { handed: _, ...question }: Begun): Promise<void> {
  const packed = new Blob([JSON.stringify(question)]).stream().pipeThrough(new CompressionStream("gzip"));
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
