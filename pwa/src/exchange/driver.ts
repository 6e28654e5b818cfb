// Does what the reducer says (reducer.ts): against an officer's database and a server. The page has one driver, with the browser for its
// environment; a test may have many in one process, each a phone or a window of its own:
//
//   const phone = new Driver({ ...BROWSER, fetch, locks, clock: () => 0, online: () => true, onEffect });
//   await phone.sync({ database: "loa-phone-1", token });   // one whole run: text, catalogue, photos
//
// In Node `import "fake-indexeddb/auto"` comes first, and `fetch` puts the server's address before the path. Several phones are several
// databases; two windows of a phone are two drivers over one database. `onEffect` is called before each effect, with it and the state: what
// it throws ends the run there and leaves the state behind, as a kill would. Go on with a new driver, which remembers nothing, over the same
// database (`close()` it and open it anew where the connection is to be lost, too). A failure that the phone itself would see is what
// `fetch` rejects with or answers.

import {
  APP,
  AT_ONCE,
  type Block,
  blocks,
  type Cursor,
  type Head,
  heldOf,
  type Push,
  pushText,
  type Question,
  type Request,
  wireOf,
} from "../core/protocol";
import type { OutboxEntry } from "../core/record";
import { isFull } from "../db/open";
import { amend } from "../db/records";
import { type Db, meta, openDevice, type Tx, thumbsOf, type UploadRow } from "../db/schema";
import type { Session } from "../officers/officer";
import { keepPhotos } from "../outbox/refused";
import { allowedUploads, upload } from "../photos/upload";
import { stayAwake } from "../platform/awake";
import { hearTime } from "../platform/clock";
import { type Fetch, hear, jsonRequest, Problem } from "../platform/http";
import { idOf } from "../platform/ids";
import { apply, applyHead, cursorsOf } from "./apply";
import { fetchFiles, fetchRegimes, type Locks, refreshCatalog, sendByRoutes } from "./beside";
import { type Effect, type Happening, NEW, type Seen, type SyncState, step } from "./reducer";
import { lackingNow, markNamed, namesAgain } from "./restored";
import { purgesAny, rowsForBlock, rowsForHead, write } from "./tables";

export interface Environment {
  readonly fetch: Fetch;
  /** Opens an officer's database. */
  readonly open: (name: string) => Promise<Db>;
  /** The server has said its time: returns how far it is ahead of this phone's, in ms. */
  readonly clock: (server_time: number) => number;
  readonly locks: Locks;
  /** Whether there may be a network. */
  readonly online: () => boolean;
  /** Called before each effect. */
  readonly onEffect?: (effect: Effect, state: SyncState) => unknown;
}

/** The browser that this page is in. */
export const BROWSER: Environment = {
  fetch: (path, init) => fetch(path, init),
  open: openDevice,
  clock: hearTime,
  locks: { request: (name, options, work) => navigator.locks.request(name, options, work) },
  online: () => navigator.onLine,
};

export class Driver {
  readonly #env: Environment;
  /** What is in this page's memory alone, by database. */
  readonly #states: Record<string, SyncState> = {};

  constructor(env: Environment) {
    this.#env = env;
  }

  /**
   * One run of sending and receiving for an officer. Rejects with what ended it, or, when all that could go went, with what was
   * not had or not kept.
   */
  async sync({ database, token }: Pick<Session, "database" | "token">): Promise<void> {
    const phone = new Phone(this.#env, await this.#env.open(database), token);
    try {
      let { state, effects } = step(this.#states[database] ?? NEW, { is: "begin" });
      for (let [effect] = effects; effect; [effect] = effects) {
        await this.#env.onEffect?.(effect, state);
        ({ state, effects } = step(state, await phone.perform(effect)));
        this.#states[database] = state;
      }
      if (state.cut) throw new Problem(0, "unreachable");
      if (state.error) throw state.error;
    } finally {
      await phone.hangUp();
    }
  }
}

type Doing<D extends Effect["do"]> = Extract<Effect, { readonly do: D }>;

/** Commits a head. Returns whether its blocks are to be taken too; undefined if it counts as lost. */
export async function takeHead(
  db: Db,
  { head, asked, push }: Omit<Doing<"take head">, "do">,
  clock: Environment["clock"] = hearTime,
): Promise<boolean | undefined> {
  if (purgesAny(head, push)) await clearThumbs(db);
  return amend(db, async (tx) => {
    const applied = applyHead(await rowsForHead(tx, head, push), head, asked, push);
    if (!applied) return undefined;
    await write(tx, applied);
    await tx.put("meta", clock(head.server_time), "offset_ms");
    return applied.goesOn;
  });
}

/** L-12: a cache is in no transaction, so it is deleted first; thumbnails that are needed are fetched again. */
async function clearThumbs(db: Db): Promise<void> {
  await globalThis.caches?.delete(thumbsOf(db)).catch(() => false);
}

/** Commits a block. Returns the cursors as they are then; null if they were no longer those that it continues from. */
export async function takeBlock(db: Db, taking: Omit<Doing<"take block">, "do">): Promise<Cursor[] | null> {
  const { block } = taking;
  if (block.changes.some(({ purged }) => purged)) await clearThumbs(db);
  return amend(db, async (tx) => {
    const applied = apply(await rowsForBlock(tx, block), block, taking);
    if (applied) await write(tx, applied);
    return applied && cursorsOf(await tx.getAll("cursors"));
  });
}

/** An officer's database and the server. */
class Phone {
  readonly #env: Environment;
  readonly #db: Db;
  readonly #token: string;
  #answer: AsyncGenerator<Head | Block> | undefined;

  constructor(env: Environment, db: Db, token: string) {
    this.#env = env;
    this.#db = db;
    this.#token = token;
  }

  perform(effect: Effect): Promise<Happening> {
    return this.#do(effect).catch((error: unknown) => {
      if (effect.do.startsWith("take") && isFull(error)) return { is: "full", error };
      return error instanceof Problem
        ? { is: "failed", error, status: error.status, code: error.code }
        : { is: "failed", error };
    });
  }

  async #do(effect: Effect): Promise<Happening> {
    const db = this.#db;
    switch (effect.do) {
      case "look":
        return this.#look();
      case "note":
        return this.#note(effect);
      case "send":
        return this.#send(effect.question);
      case "listen":
        return this.#listen();
      case "take head": {
        const goesOn = await takeHead(db, effect, this.#env.clock);
        return { is: "taken", cursors: goesOn ? effect.asked.cursors : null };
      }
      case "take block":
        return { is: "taken", cursors: await takeBlock(db, effect) };
      case "set aside":
        await this.#setAside(effect);
        break;
      case "lack":
        return { is: "lacking", known: await lackingNow(db) };
      case "note named":
        await markNamed(db, effect.known, effect.taken);
        break;
      case "catalog":
        await refreshCatalog(db, this.#token, this.#env.fetch);
        break;
      case "upload":
        return this.#upload(effect);
      default:
        // Not waited for: they hold up nothing, and what failed is tried after the next run.
        void sendByRoutes(db, this.#token, this.#env.fetch).catch(() => undefined);
        void fetchRegimes(db, this.#token, this.#env.fetch).catch(() => undefined);
        void fetchFiles(db, this.#token, this.#env.fetch, this.#env.locks).catch(() => undefined);
    }
    return { is: "done" };
  }

  async #look(): Promise<Seen> {
    const db = this.#db;
    const [pending, entries, push, noted, named, catalog, time] = await Promise.all([
      db.getAll("writes", "state", "pending"),
      db.getAll("entries", "state", "pending"),
      meta(db, "push"),
      meta(db, "noted"),
      meta(db, "named"),
      meta(db, "catalog"),
      meta(db, "exchanged_at"),
    ]);
    entries.sort((a, b) => a.made - b.made);
    return {
      is: "seen",
      outbox: [...pending.map(wireOf), ...entries.map(wireOf)],
      again: namesAgain(named, time ?? 0, catalog?.etag),
      push,
      noted: noted && JSON.stringify(noted),
      etag: catalog?.etag,
      online: this.#env.online(),
    };
  }

  async #note({ writes, server_time }: Doing<"note">): Promise<Happening> {
    const db = this.#db;
    const id = await idOf(pushText(writes, server_time ?? (await meta(db, "exchanged_at"))));
    const push: Push = { id, writes: writes.map((one) => one.id) };
    // From now on an entry keeps its text: a copy of it is out.
    const noting = async (tx: Tx) => {
      await tx.put("meta", push, "push");
      for (const one of writes) {
        const entry = "set" in one ? undefined : await tx.get("entries", one.id);
        if (entry) await tx.put("entries", { ...entry, sent: true });
      }
    };
    return db.atomically(noting, ["meta", "entries"]).then(
      () => ({ is: "noted", push }),
      (full) => {
        if (!isFull(full)) throw full;
        return { is: "noted", push, full };
      },
    );
  }

  async #send(question: Question): Promise<Happening> {
    const db = this.#db;
    const writes = question.writes && (await this.#asKept(question.writes));
    const [cursors, restored, mark, sent, pending, entries, refused, waiting] = await Promise.all([
      db.getAll("cursors"),
      meta(db, "restored"),
      question.ask ? undefined : meta(db, "mark"),
      question.ask ? [] : db.getAll("uploads", "state", "sent", AT_ONCE),
      db.count("writes", "state", "pending"),
      db.count("entries", "state", "pending"),
      db.count("writes", "state", "refused"),
      db.getAll("uploads", "state", "waiting"),
    ]);
    const photos = [...new Set(sent.map((row) => row.sha256))];
    // without the writes that go now.
    const held = heldOf(pending + entries + refused - (question.writes?.length ?? 0), waiting);
    const { writes: _kept, ...asked } = question;
    // In this order: ids side by side are packed in a few bytes less.
    const request: Request = {
      mark,
      cursors: cursorsOf(cursors),
      restored,
      ...(photos.length > 0 && { photos }),
      held,
      ...(writes && { writes }),
      ...asked,
      app: APP,
    };
    await this.hangUp();
    const post = await jsonRequest(request, "application/x-ndjson");
    this.#answer = blocks(hear(this.#token, "sync", post, this.#env.fetch));
    return { is: "sent", request };
  }

  /** An entry may have been changed between the look at the outbox and the note that it goes. */
  async #asKept(writes: readonly OutboxEntry[]): Promise<OutboxEntry[]> {
    const kept = writes.map(async (one) => {
      const entry = "set" in one ? undefined : await this.#db.get("entries", one.id);
      return entry ? wireOf(entry) : one;
    });
    return await Promise.all(kept);
  }

  async #listen(): Promise<Happening> {
    const part = (await this.#answer?.next())?.value;
    if (!part) return { is: "end" };
    return "results" in part ? { is: "head", head: part } : { is: "block", block: part };
  }

  /** Nothing more of an answer is wanted. */
  async hangUp(): Promise<void> {
    await this.#answer?.return(undefined).catch(() => undefined);
    this.#answer = undefined;
  }

  /** H-3: it stays on the phone with its code, and stops nothing else. One that was stored all the same is left alone. */
  #setAside({ write: { id }, code }: Doing<"set aside">): Promise<void> {
    return amend(this.#db, async (tx) => {
      const entry = await tx.get("entries", id);
      if (entry?.state === "pending") await tx.put("entries", { ...entry, state: "refused", code });
      const row = await tx.get("writes", id, "id");
      if (row?.state !== "pending") return;
      await tx.put("writes", { ...row, state: "refused", code });
      await keepPhotos(tx, row.record);
    });
  }

  async #upload({ but, stored }: Doing<"upload">): Promise<Happening> {
    // Two records may have one photo.
    const nameOf = (row: UploadRow) => row.sha256 + row.record;
    const first = (await allowedUploads(this.#db)).find((row) => !but.has(nameOf(row)));
    if (!first) return { is: "went" };
    const going = () => upload(this.#db, this.#token, first, stored, this.#env.fetch);
    const sent = await stayAwake(going);
    // One with a code was answered `later`, and may be for weeks: it holds up nothing (G6).
    const pending = await this.#db.getAll("writes", "state", "pending");
    const text = pending.some(({ id, code }) => !(code || stored.has(id)));
    return { is: "went", what: nameOf(first), sent, text };
  }
}
