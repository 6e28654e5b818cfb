// One run of sending and receiving as a pure function: `step` takes the state and what has just happened, and returns the next state
// with what is to be done now. A driver does that (driver.ts: the page, a test in Node; worker/hand-in.ts: the closed app) and comes
// back with what happened. So the protocol's order is here, in one place, and nothing in it waits, reads or draws.
//
// SyncState lives in memory alone. Whatever has to last is in the database, each effect is one transaction or one request, and a run that
// is killed between two of them begins again from what is there: the noted push, the cursors, the notes after a restore (B-3).

import {
  AT_ONCE,
  type Block,
  type Cursor,
  firstPush,
  type Head,
  type Noted,
  type Push,
  type Question,
  type Request,
  type Result,
  resultsOf,
  WRITES_NAMED,
} from "../core/protocol";
import type { OutboxEntry } from "../core/record";

/** What is to be done. The driver answers each with one happening. */
export type Effect =
  /** Read what decides about the next request: `seen`. */
  | { readonly do: "look" }
  /** Note a push on the disk, under the id that its writes and this time make: `noted`. */
  | {
      readonly do: "note";
      readonly writes: readonly OutboxEntry[];
      readonly server_time?: number | undefined;
    }
  /** Make a request of this question and what the rows add, and begin to send it: `sent`. */
  | { readonly do: "send"; readonly question: Question }
  /** Wait for the next part of its answer: `head`, `block` or `end`. */
  | { readonly do: "listen" }
  /** Commit a head, a block: `taken`, or `full` if there was no room. */
  | {
      readonly do: "take head";
      readonly head: Head;
      readonly asked: Request;
      readonly push: Push | undefined;
    }
  | {
      readonly do: "take block";
      readonly block: Block;
      readonly head: Pick<Head, "minimum_app" | "server_time">;
      readonly cursors: readonly Cursor[];
    }
  /** Set a write aside as refused: `done`. */
  | { readonly do: "set aside"; readonly write: OutboxEntry; readonly code: string }
  /** Look what a restored server lacks: `lacking`; note that it was named: `done`. */
  | { readonly do: "lack" }
  | {
      readonly do: "note named";
      readonly known: readonly Noted[];
      readonly taken: ReadonlySet<string>;
    }
  /** Fetch the catalogue: `done`. */
  | { readonly do: "catalog" }
  /** Send the first file that is not among these: `went`. */
  | { readonly do: "upload"; readonly but: ReadonlySet<string>; readonly stored: ReadonlySet<string> }
  /** Begin what nobody waits for: `done`. */
  | { readonly do: "fetch files" };

/** What the rows say when the next request is to be chosen. */
export interface Seen {
  readonly is: "seen";
  /** Own writes that wait, in their order. */
  readonly outbox: readonly OutboxEntry[];
  /** A push whose answer is not here. */
  readonly push: Push | undefined;
  /** What is noted after a restore, as a text. */
  readonly noted: string | undefined;
  /** Something that a restored server did not take is to be named again (B-33). */
  readonly again: boolean;
  /** Of the catalogue that is held. */
  readonly etag: string | undefined;
  /** Whether the browser says that there is a network. */
  readonly online: boolean;
}

export type Happening =
  | { readonly is: "begin" }
  | Seen
  | { readonly is: "noted"; readonly push: Push; readonly full?: unknown }
  | { readonly is: "sent"; readonly request: Request }
  /** Sent by who cannot read answers. */
  | { readonly is: "handed in" }
  | { readonly is: "head"; readonly head: Head }
  | { readonly is: "block"; readonly block: Block }
  | { readonly is: "end" }
  /** The cursors as they are now; null if nothing more of this answer is to be taken. */
  | { readonly is: "taken"; readonly cursors: readonly Cursor[] | null }
  | { readonly is: "full"; readonly error: unknown }
  | { readonly is: "lacking"; readonly known: readonly Noted[] }
  /** `what` went, or was tried; nothing was left, if undefined. `text`: own writes wait. */
  | {
      readonly is: "went";
      readonly what?: string | undefined;
      readonly sent?: boolean;
      readonly text?: boolean;
    }
  | { readonly is: "done" }
  /** `status` and `code` of an answer that is no success; 0: the server was not reached. */
  | { readonly is: "failed"; readonly error: unknown; readonly status?: number; readonly code?: string };

/** Writes that go in one push, and how often that may still fail before it is halved. */
interface Batch {
  readonly writes: readonly OutboxEntry[];
  readonly tries: number;
  /** Code of the last failure. */
  readonly code?: string;
  /** The time by which it goes once more. */
  readonly server_time?: number;
}

/** A request and how far its answer was taken. */
interface Trip {
  readonly question: Question;
  /** The push that it sends or asks for. */
  readonly push?: Push | undefined;
  /** Asked for before it is sent: there was no room to note it. */
  readonly before?: boolean;
  readonly request?: Request;
  readonly head?: Head;
  readonly cursors: readonly Cursor[];
  /** Something of it is kept, or can never be. */
  readonly progressed: boolean;
  /** The block that is being taken is the last one; it was taken. */
  readonly last: boolean;
  readonly ended: boolean;
  readonly full?: unknown;
}

export interface SyncState {
  /** The effect that is being done. */
  readonly doing?: Effect["do"];
  readonly trip?: Trip | undefined;
  /** A write answered `later` is not sent again in the same sync, nor one whose answer had no room. */
  readonly tried: ReadonlySet<string>;
  /** What still has to go of a push that is being halved. */
  readonly batches: readonly Batch[];
  /** A push for which the disk had no room: as good as noted while this page lives. */
  readonly unnoted?: Push | undefined;
  /** The last push whose answer had no room: it is asked for again with the next run. */
  readonly unkept?: string | undefined;
  /** Writes that the server has, though there was no room to keep that. */
  readonly stored: ReadonlySet<string>;
  /** Whether the server has said that it is well since it refused a body. */
  readonly unsure: boolean;
  readonly probed: boolean;
  readonly more: boolean;
  readonly naming?: Naming | undefined;
  /** The server's, as its last answer said; and when it was fetched last. */
  readonly catalog: string | undefined;
  readonly fetched?: string | undefined;
  /** Files that were tried, and whether one went since the text did. */
  readonly files: ReadonlySet<string>;
  readonly uploaded: boolean;
  /** Why a part was not had, or not kept. Said last: what could go has gone. */
  readonly full?: unknown;
  readonly failed?: unknown;
  /** Why the run ended: an answer was cut before it brought anything, or this. */
  readonly cut?: boolean;
  readonly error?: unknown;
}

/** B-23: the records that a restored server lacks, to be named to it. */
interface Naming {
  readonly noted: string | undefined;
  readonly known: readonly Noted[];
  /** Of `known`, how many were sent, and the records that the server took. */
  readonly sent: number;
  readonly taken: ReadonlySet<string>;
}

export interface Step {
  readonly state: SyncState;
  /** Nothing: the run has ended. */
  readonly effects: readonly Effect[];
}

const NONE: ReadonlySet<never> = new Set();

export const NEW: SyncState = {
  tried: NONE,
  batches: [],
  stored: NONE,
  unsure: false,
  probed: false,
  more: true,
  catalog: undefined,
  files: NONE,
  uploaded: false,
};

export function step(state: SyncState, happened: Happening): Step {
  switch (happened.is) {
    case "begin":
      // What a page remembers of the run before.
      return look({ ...NEW, unnoted: state.unnoted });
    case "seen":
      return next(state, happened);
    case "noted":
      return sendNoted(state, happened.push, happened.full);
    case "handed in":
      return look({ ...state, trip: undefined, batches: state.batches.slice(1) });
    case "lacking": {
      const { known } = happened;
      return look({ ...state, naming: state.naming && { ...state.naming, known } });
    }
    case "went":
      return uploaded(state, happened);
    case "done":
      return done(state);
    case "failed":
      return failed(state, happened);
    default:
      return state.trip ? underWay(state, state.trip, happened) : { state, effects: [] };
  }
}

function act(state: SyncState, effect: Effect): Step {
  return { state: { ...state, doing: effect.do }, effects: [effect] };
}

function look(state: SyncState): Step {
  return act(state, { do: "look" });
}

function send(state: SyncState, question: Question, push?: Push, before = false): Step {
  const trip = { question, push, before, cursors: [], progressed: false, last: false, ended: false };
  return act({ ...state, trip }, { do: "send", question });
}

/** The sync begins again with all that waits: more may be to go than it knew of. */
function anew(state: SyncState): SyncState {
  return { ...state, tried: state.stored, more: true, naming: undefined };
}

/** What goes next: the first row that holds. */
function next(state: SyncState, seen: Seen): Step {
  const { batches, naming } = state;
  const [batch] = batches;
  const fresh = seen.outbox.filter(({ id }) => !state.tried.has(id));
  const lost = state.unnoted ?? seen.push;
  if (seen.etag === undefined) return act(state, { do: "catalog" });
  // Offline this fails before a push is begun that would have to be asked for later. Where the browser is wrong, it passes.
  if (!(seen.online || state.probed)) return send({ ...state, probed: true }, {});
  if (naming) return name(state, naming, seen, fresh.length > 0);
  // its writes may not need to go.
  if (lost && lost.id !== state.unkept) return send(state, { ask: lost.id }, lost);
  if (state.unsure) return send(state, {});
  if (batch) return sendBatch(state, batch, batches.slice(1));
  if (fresh.length > 0) return sendFirst(state, firstPush(fresh));
  if (state.more) return send(state, {});
  return afterText(state, seen);
}

/** All text went, and what others wrote is here. */
function afterText(state: SyncState, seen: Seen): Step {
  if (seen.noted && !state.full) return act({ ...state, naming: beginNaming(seen) }, { do: "lack" });
  const other = state.catalog !== seen.etag && state.catalog !== state.fetched;
  if (!state.failed && other) return act(state, { do: "catalog" });
  if (seen.again && !state.full) return act({ ...state, naming: beginNaming(seen) }, { do: "lack" });
  return upload({ ...state, uploaded: false });
}

function sendFirst(state: SyncState, writes: readonly OutboxEntry[]): Step {
  const tried = new Set([...state.tried, ...writes.map(({ id }) => id)]);
  return note({ ...state, tried }, { writes, tries: 2 });
}

function note(state: SyncState, batch: Batch, others: readonly Batch[] = []): Step {
  const { writes, server_time } = batch;
  return act({ ...state, batches: [batch, ...others] }, { do: "note", writes, server_time });
}

/** twice, then each half; one that is left alone is set aside. */
function sendBatch(state: SyncState, batch: Batch, others: readonly Batch[]): Step {
  const { writes, tries, code = "" } = batch;
  const [write] = writes;
  if (tries > 0 || !write) return note(state, batch, others);
  if (writes.length === 1) return act({ ...state, batches: others }, { do: "set aside", write, code });
  const middle = writes.length >> 1;
  const halves = [writes.slice(0, middle), writes.slice(middle)].map((half) => ({ writes: half, tries: 2 }));
  return look({ ...state, batches: [...halves, ...others] });
}

/** where it could not be noted, a page before this one may have sent it. */
function sendNoted(state: SyncState, push: Push, full: unknown): Step {
  const { writes = [], server_time } = state.batches[0] ?? {};
  if (!full) return send(state, { push: push.id, writes }, push);
  const unnoted = { ...state, unnoted: push };
  if (server_time === undefined) return send(unnoted, { ask: push.id }, push, true);
  return send(unnoted, { push: push.id, writes }, push);
}

/** The answer of a request, part by part. */
function underWay(state: SyncState, trip: Trip, happened: Happening): Step {
  const on = (more: Partial<Trip>, effect: Effect) => act({ ...state, trip: { ...trip, ...more } }, effect);
  const stop = (more: Partial<Trip>) => answered(state, { ...trip, ...more });
  const { head, request, cursors, push } = trip;
  switch (happened.is) {
    case "sent":
      return on({ request: happened.request, cursors: happened.request.cursors }, { do: "listen" });
    case "head":
      if (!request) return stop({});
      return on({ head: happened.head }, { do: "take head", head: happened.head, asked: request, push });
    case "block": {
      const { block } = happened;
      if (!head) return on({}, { do: "listen" });
      return on({ last: "more" in block }, { do: "take block", block, head, cursors });
    }
    case "taken":
      if (!happened.cursors) return stop({ progressed: true });
      if (trip.last) return stop({ progressed: true, ended: true });
      // A head alone is no progress: cut behind it, the request has failed.
      return on(state.doing === "take head" ? {} : { progressed: true, cursors: happened.cursors }, {
        do: "listen",
      });
    case "full":
      return stop({ progressed: true, full: happened.error });
    default:
      return stop({});
  }
}

/** The answer is over: at its end, cut, or as far as it could be taken. */
function answered(before: SyncState, trip: Trip): Step {
  const { head, push, question, full } = trip;
  if (!(head && trip.progressed)) return { state: { ...before, cut: true }, effects: [] };
  const results = resultsOf(head, push);
  const stored = full ? results.filter(({ result }) => result === "stored") : [];
  const ids = stored.map(({ id }) => id);
  const state: SyncState = {
    ...before,
    trip: undefined,
    unsure: false,
    catalog: head.catalog,
    more: !full && (!trip.ended || head.photos.length === AT_ONCE),
    full: full ?? before.full,
    tried: new Set([...before.tried, ...ids]),
    stored: new Set([...before.stored, ...ids]),
    ...(push && (full ? { unkept: push.id } : { unnoted: undefined })),
  };
  // It was restored once more, or a stream began anew: all of it begins again.
  if (question.known && state.more) return look(anew(state));
  if (question.known) return look({ ...state, naming: withAnswer(state.naming, question.known, head) });
  if (trip.before) return sendUnlessKnown(state, push, head, results);
  return look(question.writes ? { ...state, batches: state.batches.slice(1) } : state);
}

/** B-33. An older server does not say what it took: all of it, as far as this phone can know. */
function withAnswer(naming: Naming | undefined, known: readonly Noted[], head: Head): Naming | undefined {
  const taken = head.known ?? known.map(({ record }) => record);
  return naming && { ...naming, taken: new Set([...naming.taken, ...taken]) };
}

/** a push that could not be noted was asked for. What the kept answer called `later` may be taken by now. */
function sendUnlessKnown(
  state: SyncState,
  push: Push | undefined,
  head: Head,
  results: readonly Result[],
): Step {
  const [batch, ...others] = state.batches;
  if (!(batch && push)) return look(state);
  if (!head.asked?.known) return send(state, { push: push.id, writes: batch.writes }, push);
  const later = new Set(results.flatMap(({ id, result }) => (result === "later" ? [id] : [])));
  const again = batch.writes.filter(({ id }) => later.has(id));
  if (again.length === 0) return look({ ...state, batches: others });
  return note(state, { ...batch, writes: again, server_time: head.server_time }, others);
}

function beginNaming({ noted }: Seen): Naming {
  return { noted, known: [], sent: 0, taken: NONE };
}

/** B-23, B-24: page by page; then only if it is still so. */
function name(state: SyncState, naming: Naming, seen: Seen, waits: boolean): Step {
  const { known, sent } = naming;
  const page = known.slice(sent, sent + AT_ONCE);
  if (page.length > 0) {
    const cut = page.map((one) => ({ ...one, writes: one.writes.slice(0, WRITES_NAMED) }));
    return send({ ...state, naming: { ...naming, sent: sent + page.length } }, { known: cut });
  }
  // A reset came meanwhile: what it replaced was noted too, and own writes go again.
  if (seen.noted !== naming.noted || waits) return next(anew(state), seen);
  return act({ ...state, naming: undefined }, { do: "note named", known, taken: naming.taken });
}

function upload(state: SyncState): Step {
  return act(state, { do: "upload", but: state.files, stored: state.stored });
}

type Failed = Extract<Happening, { readonly is: "failed" }>;
type Went = Extract<Happening, { readonly is: "went" }>;

/** P-2: text written meanwhile goes before the next photo; when one went the server is asked what it says of it. */
function uploaded(before: SyncState, { what, sent = false, text = false }: Went): Step {
  const files = what === undefined ? before.files : new Set([...before.files, what]);
  const state = { ...before, files, uploaded: before.uploaded || sent };
  if (what !== undefined && !text) return upload(state);
  return state.uploaded || text ? look(anew(state)) : act(state, { do: "fetch files" });
}

function done(state: SyncState): Step {
  if (state.doing === "fetch files")
    return { state: { ...state, error: state.full || state.failed }, effects: [] };
  return look(state.doing === "catalog" ? { ...state, fetched: state.catalog } : state);
}

/** The next request would get it too: not reached, shut out, too much was sent, busy. */
const ENDING: readonly unknown[] = [0, 401, 429, 503];
/** Only these two speak of the body. */
const OF_BODY: readonly unknown[] = [400, 413];

function failed(state: SyncState, { error, status, code = "" }: Failed): Step {
  const { trip, doing } = state;
  const [batch, ...others] = state.batches;
  if (trip?.progressed && status !== undefined) return answered(state, trip);
  // Whatever else goes wrong (500, 502, 504, a page of a proxy) says nothing of a write: a database that became read-only
  // answered so, and sound writes were set aside as refused.
  if (trip?.question.writes && batch && OF_BODY.includes(status)) {
    const worse = { ...batch, tries: batch.tries - 1, code };
    return look({ ...state, trip: undefined, unsure: true, batches: [worse, ...others] });
  }
  // a catalogue that cannot be had stops no photo; it is asked for again with the next run.
  if (doing === "catalog" && state.catalog !== undefined && !ENDING.includes(status))
    return look({ ...state, failed: error });
  return { state: { ...state, error }, effects: [] };
}
