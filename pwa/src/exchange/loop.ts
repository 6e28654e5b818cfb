// The exchange (SPEC ): own writes go in pushes, each answer brings changes block by block, until no write
// waits and the server has no more.

import { firstPush, pushText, wireOf } from "../core/push";
import type { Write } from "../core/write";
import { isFull } from "../db/open";
import { amend } from "../db/records";
import { type Db, meta, type Push } from "../db/schema";
import { keepPhotos } from "../outbox/refused";
import { Problem } from "../platform/http";
import { idOf } from "../platform/ids";
import { sendHalving } from "./halve";
import { lackingNow, markNamed } from "./restored";
import { AT_ONCE, type RoundTrip, roundTrip } from "./round-trip";

/** B-3. */
const WRITES_NAMED = 32;

/** What a run knows and had no room to keep. */
export interface Unkept {
  /** Ids of writes that the server has. */
  readonly stored: Set<string>;
  full?: unknown;
}

/** Returns the tag of the server's catalogue. Without room it sends all the same, and says so in `unkept`. */
export async function exchange(
  db: Db,
  token: string,
  unkept: Unkept = { stored: new Set() },
): Promise<string> {
  // A write answered `later` is not tried again in the same run, nor one whose answer had no room.
  const tried = new Set<string>(unkept.stored);
  let answer: Pick<RoundTrip, "more" | "catalog"> = { more: true, catalog: "" };
  const hear = async (writes: readonly Write[]) => {
    const { results, full, ...rest } = await push(db, token, writes);
    answer = rest;
    if (!full) return;
    unkept.full = full;
    for (const { id, result } of results) if (result === "stored") tried.add(id) && unkept.stored.add(id);
  };
  // Offline this fails before a push is begun that would have to be asked for later. Where the browser is wrong, it passes.
  if (!navigator.onLine) await roundTrip(db, token, {});
  // Where the answer to a push was lost it is asked for first: its writes may not need to go.
  if (await lostPush(db)) await hear([]);
  for (let writes = await outbox(db, tried); answer.more || writes.length > 0; ) {
    for (const write of writes) tried.add(write.id);
    await sendHalving(writes, hear, poisoned, (write, error) => setAside(db, write, error));
    writes = await outbox(db, tried);
  }
  if (!(unkept.full || (await nameLacking(db, token, tried)))) return exchange(db, token, unkept);
  return answer.catalog;
}

/** B-3: names what a restored server lacks. False if it was restored once more meanwhile: the exchange begins again then. */
async function nameLacking(db: Db, token: string, tried: ReadonlySet<string>): Promise<boolean> {
  const noted = JSON.stringify(await meta(db, "noted"));
  if (!noted) return true;
  const known = await lackingNow(db);
  for (let at = 0; at < known.length; at += AT_ONCE) {
    const some = known.slice(at, at + AT_ONCE);
    const cut = some.map((one) => ({ ...one, writes: one.writes.slice(0, WRITES_NAMED) }));
    if ((await roundTrip(db, token, { known: cut })).more) return false;
  }
  // A reset came meanwhile: what it replaced was noted too, and own writes go again.
  if (JSON.stringify(await meta(db, "noted")) !== noted || (await outbox(db, tried)).length > 0) return false;
  await markNamed(db, known);
  return true;
}

/** Writes not stored yet, in order of making, as many as make a push. */
async function outbox(db: Db, tried: ReadonlySet<string>): Promise<Write[]> {
  const waiting = (await db.getAll("writes", "state", "pending")).map(wireOf);
  return firstPush(waiting.filter((write) => !tried.has(write.id)));
}

/** Pushes for which the disk had no room, by database: as good as noted while this page lives. */
const unnoted = new Map<string, Push>();

async function lostPush(db: Db): Promise<Push | undefined> {
  return unnoted.get(db.name) ?? (await meta(db, "push"));
}

/**
 * Sends a push; without writes it asks for the last one if its answer was lost. `heard`: by a time that no push before can have
 * gone by.
 */
async function push(db: Db, token: string, writes: readonly Write[], heard?: number): Promise<RoundTrip> {
  if (writes.length === 0) {
    const lost = await lostPush(db);
    const answer = await roundTrip(db, token, lost ? { ask: lost.id } : {}, lost);
    if (!answer.full) unnoted.delete(db.name);
    return answer;
  }
  const id = await idOf(pushText(writes, heard ?? (await meta(db, "exchanged_at"))));
  const going = { id, writes: writes.map((write) => write.id) };
  // On the disk before it leaves. Where there is no room, a page before this one may have sent it.
  const noted = await db.put("meta", going, "push").then(
    () => true,
    (error) => {
      if (!isFull(error)) throw error;
      return false;
    },
  );
  if (!noted) {
    unnoted.set(db.name, going);
    const kept = heard === undefined ? await roundTrip(db, token, { ask: id }, going) : undefined;
    if (kept?.known) return judgedAnew(db, token, writes, kept);
  }
  const answer = await roundTrip(db, token, { push: id, writes }, going);
  if (!answer.full) unnoted.delete(db.name);
  return answer;
}

/** What a kept answer called `later` may be taken by now: it goes once more, as a push of its own. */
async function judgedAnew(
  db: Db,
  token: string,
  writes: readonly Write[],
  kept: RoundTrip,
): Promise<RoundTrip> {
  const later = new Set(kept.results.flatMap(({ id, result }) => (result === "later" ? [id] : [])));
  const again = writes.filter(({ id }) => later.has(id));
  if (again.length === 0) return kept;
  const answer = await push(db, token, again, kept.server_time);
  return { ...answer, results: [...kept.results, ...answer.results] };
}

/**
 * Only these two speak of the body. Whatever else goes wrong (500, 502, 504, a page of a proxy) says nothing of a write:
 * a database that became read-only answered so, and sound writes were set aside as refused.
 */
function poisoned(error: unknown): error is Problem {
  return error instanceof Problem && [400, 413].includes(error.status);
}

/** H-3: it stays on the phone with its code, and stops nothing else. One that was stored all the same is left alone. */
function setAside(db: Db, { id }: Write, { code }: Problem): Promise<void> {
  return amend(db, async (tx) => {
    const row = await tx.get("writes", id, "id");
    if (row?.state !== "pending") return;
    await tx.put("writes", { ...row, state: "refused", code });
    await keepPhotos(tx, row.record);
  });
}
