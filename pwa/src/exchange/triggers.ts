// When the phone sends and receives: after a write, when the network or the officer comes back, and by a timer with
// back-off. Web Locks keep two tabs from doing the same work; truth does not hang on them (SPEC ), so one
// that the system froze while it held the lock is not waited for long.

import { isFull } from "../db/open";
import { type Db, openDevice } from "../db/schema";
import { noteHidden } from "../officers/lock";
import type { Session } from "../officers/officer";
import { officers, update } from "../officers/session";
import { allowedUploads } from "../photos/upload";
import { changed } from "../platform/changed";
import { dropStale, dropStuck, isReached, isStuck, Problem, Rests, waitMs } from "../platform/http";
import type { Driver } from "./driver";

/** `waiting`: another tab or the worker has the lock. All but that and `running` say how the last attempt ended. */
export type Running =
  | "idle"
  | "waiting"
  | "running"
  | "later"
  | "unreachable"
  | "failed"
  | "busy"
  | "phone"
  | "full";

let running: Running = "idle";
let attempting = false;
let again = false;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

let driver: Promise<Driver> | undefined;

/** The exchange is a part of the app of its own, which nobody waits for at a start. What failed is asked for again. */
function theDriver(): Promise<Driver> {
  driver ??= import("./driver").then(
    (part) => new part.Driver(part.BROWSER),
    () => {
      driver = undefined;
      throw new Problem(0, "unreachable");
    },
  );
  return driver;
}

/** The server is busy for all (503), or got too much from one officer's device (429). */
const rests = new Rests();
const ALL = "";

export function runningNow(): Running {
  return running;
}

function show(now: Running): void {
  running = now;
  changed();
}

export function startExchanging(): void {
  addEventListener("online", backOnline);
  document.addEventListener("visibilitychange", turned);
  lookOut();
  exchangeNow();
}

/** How often somebody who looks has the server asked whether it is there, and how long one such question waits. */
const LOOK_MS = 2_000;
const ANSWER_MS = 4_000;
/** Questions on their way: a browser has few connections for one server, and the exchange needs some. */
const ASKED_MOST = 2;
let asked = 0;
/** The server was not reached by the last of them that ended. */
let gone = false;
/** An answer has ended a pause since an exchange went well, or was called for by anything else. */
let skipped = false;

/**
 * some paths come back without an event: bars and no route, a router without a line behind it. While somebody looks and
 * something waits here, a server that is not reached, or to which no call moves, is asked for every two seconds; the answer
 * begins the exchange at once, as the event would. In a pocket nothing is asked. Where each question is answered and the exchange
 * fails all the same, the path is not what fails: the first answer ends the pause, and no other until a question is lost.
 */
function lookOut(): void {
  setTimeout(lookOut, LOOK_MS);
  const quiet = running === "unreachable" || (attempting && isStuck());
  if (document.hidden || !quiet || asked >= ASKED_MOST) {
    if (!quiet) gone = false;
    return;
  }
  asked += 1;
  void ask()
    .catch(() => undefined)
    .finally(() => {
      asked -= 1;
    });
}

async function ask(): Promise<void> {
  if (restMs() > 0 || !(await anythingWaits())) return;
  const reached = await isReached(ANSWER_MS);
  // While a call is on its way the path must have been gone before: a server may take long to answer.
  const back = reached && (running === "unreachable" ? gone || !skipped : gone && isStuck());
  gone = !reached;
  if (!back) return;
  dropStuck();
  exchangeNow();
  skipped = true;
}

async function anythingWaits(): Promise<boolean> {
  for (const { ended, database } of await officers())
    if (!ended && (await unfinished(await openDevice(database)))) return true;
  return false;
}

/** At once: what hangs on the network before is let go, and the back-off with it. */
function backOnline(): void {
  dropStale();
  exchangeNow();
}

function turned(): void {
  noteHidden(document.hidden);
  if (document.hidden) void wake();
  else exchangeNow();
}

/** Has the browser wake the worker (hand-in.ts) once there is a network, if it can: this page may be gone by then. */
async function wake(): Promise<void> {
  const worker: (ServiceWorkerRegistration & Syncing) | undefined = await navigator.serviceWorker?.ready;
  // Who switched it off sends with the app.
  await worker?.sync?.register("outbox").catch(() => null);
}

/** Background Sync: not in Safari. */
interface Syncing {
  readonly sync?: { register(tag: string): Promise<void> };
}

const LOCK = "loa-exchange";
/** How long another tab or the worker is waited for. */
const TURN_MS = 2_000;
/** Failed attempts in a row, about four minutes of them, after which this tab no longer waits for the lock. */
const FROZEN = 5;

/** Somebody is there, or the network is: sends and receives now, and forgets how often that failed before. */
export function exchangeNow(): void {
  failures = 0;
  skipped = false;
  void attempt();
}

/** While one runs already, once more after it. */
async function attempt(): Promise<void> {
  clearTimeout(timer);
  again = attempting;
  if (again) return;
  const rest = restMs();
  if (rest > 0) {
    timer = setTimeout(attempt, rest);
    return;
  }
  attempting = true;
  // Whatever happens, it ends: else this page would never send again.
  const ended = await inTurn().catch(trouble);
  attempting = false;
  failures = ended === "idle" ? 0 : failures + 1;
  if (ended === "idle" || ended === "later") skipped = false;
  if (failures > 0) void wake();
  show(ended);
  timer = setTimeout(attempt, again ? 0 : Math.max(waitMs(failures, Math.random()), restMs()));
}

/**
 * Sends and receives with the lock. A network that comes back wakes the worker too, which takes the lock for a moment and
 * does nothing beside an app that is looked at. Another tab has it for longer: this one then only says what is left.
 */
async function inTurn(): Promise<Running> {
  const ended = await navigator.locks.request(LOCK, { ifAvailable: true }, (free) => free && run(true));
  if (ended) return ended;
  show("waiting");
  let mine = false;
  const wait = new AbortController();
  const limit = setTimeout(() => wait.abort(), TURN_MS);
  const work = () => {
    clearTimeout(limit);
    mine = true;
    return run(true);
  };
  try {
    return await navigator.locks.request(LOCK, { signal: wait.signal }, work);
  } catch (error) {
    if (mine || !wait.signal.aborted) throw error;
    return run(failures > FROZEN);
  }
}

/** The officer whose turn it is sends and receives; what others of this phone left unsent goes too. */
async function run(alone: boolean): Promise<Running> {
  if (alone) show("running");
  const all = await officers();
  let said: Running = "idle";
  for (const session of all) {
    if (session.ended) continue;
    const time = performance.now();
    if (rests.left(ALL, time) > 0) return "busy";
    if (rests.left(session.database, time) > 0) {
      if (said === "idle") said = "busy";
      continue;
    }
    // One whose database fails holds up nobody else; what is said is what the first of them has to know.
    const outcome = await attend(session, alone, session === all[0]).catch((error) =>
      failure(session, error),
    );
    if (said === "idle") said = outcome;
  }
  return said;
}

async function attend({ database, token }: Session, alone: boolean, first: boolean): Promise<Running> {
  const db = await openDevice(database);
  if (alone && (first || (await unfinished(db)))) await (await theDriver()).sync({ database, token });
  return (await unfinished(db)) ? "later" : "idle";
}

/** Of everybody: one officer's does not hold up another. */
function restMs(): number {
  return rests.left(ALL, performance.now());
}

async function failure(session: Session, error: unknown): Promise<Running> {
  if (error instanceof Problem && error.rest) {
    const who = error.status === 429 ? session.database : ALL;
    if ([429, 503].includes(error.status)) rests.begin(who, error.rest, performance.now(), Math.random());
  }
  if (!(error instanceof Problem && error.status === 401)) return trouble(error);
  await update(session, { ended: true });
  return "idle";
}

/** Where it went wrong: on the way, at the server (whose answer may be no JSON too), or on this phone. */
function trouble(error: unknown): Running {
  if (error instanceof Problem && error.status === 0) return "unreachable";
  if (error instanceof Problem && [429, 503].includes(error.status)) return "busy";
  if (isFull(error)) return "full";
  return error instanceof Problem || error instanceof SyntaxError ? "failed" : "phone";
}

/** Something was answered "later": tried again by the clock of a failure, not of a quiet day. */
async function unfinished(db: Db): Promise<boolean> {
  const left = await Promise.all([
    db.count("writes", "state", "pending"),
    allowedUploads(db).then(({ length }) => length),
    db.count("uploads", "state", "sent"),
    db.count("entries", "state", "pending"),
  ]);
  return left.some(Boolean);
}
