// When the phone sends and receives: after a write, when the network or the officer comes back, and by a timer with
// back-off. Web Locks keep two tabs from doing the same work; truth does not hang on them (SPEC ), so one
// that the system froze while it held the lock is not waited for long.
import { waitMs } from "./backoff";
import { changed } from "./bus";
import { type Db, openDevice } from "./db";
import { Problem } from "./hub";
import { seen } from "./lock";
import { officers, type Session, update } from "./session";

export type Running = "idle" | "running" | "later" | "unreachable" | "failed";

let running: Running = "idle";
let again = false;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let send: (db: Db, token: string) => Promise<void>;

export function runningNow(): Running {
  return running;
}

/** How to send is given: it is in a script that comes later, for nothing of it is needed to record. */
export function start(how: typeof send): void {
  send = how;
  addEventListener("online", now);
  document.addEventListener("visibilitychange", turned);
  now();
}

function turned(): void {
  seen(document.hidden);
  if (!document.hidden) now();
}

/** About two minutes of trying: FROZEN times in a row another tab had the lock, or the hub did not answer. */
const FROZEN = 5;

/** Somebody is there, or the network is: sends and receives now, and forgets how often that failed before. */
export function now(): void {
  failures = 0;
  void attempt();
}

/** While one runs already, once more after it. */
async function attempt(): Promise<void> {
  clearTimeout(timer);
  again = running === "running";
  if (again) return;
  running = "running";
  changed();
  running = await navigator.locks.request("loa-exchange", { ifAvailable: true }, (lock) =>
    run(lock !== null || failures > FROZEN),
  );
  failures = running === "idle" ? 0 : failures + 1;
  changed();
  timer = setTimeout(attempt, again ? 0 : waitMs(failures, Math.random()));
}

/** The officer whose turn it is sends and receives; what others of this phone left unsent goes too. */
async function run(alone: boolean): Promise<Running> {
  const all = await officers();
  let said: Running = "idle";
  for (const session of all) {
    if (session.ended) continue;
    const db = await openDevice(session.database);
    if (alone && (session === all[0] || (await unfinished(db)))) said = (await failure(session, db)) ?? said;
    if (said === "idle" && (await unfinished(db))) said = "later";
  }
  return said;
}

async function failure(session: Session, db: Db): Promise<Running | undefined> {
  try {
    await send(db, session.token);
    return;
  } catch (error) {
    const status = error instanceof Problem ? error.status : undefined;
    if (status !== 401) return status === 0 ? "unreachable" : "failed";
    await update(session, { ended: true });
    return;
  }
}

/** Something was answered "later": tried again by the clock of a failure, not of a quiet day. */
async function unfinished(db: Db): Promise<boolean> {
  const left = await Promise.all([
    db.count("writes", "state", "pending"),
    db.count("uploads", "state", "waiting"),
    db.count("uploads", "state", "sent"),
  ]);
  return left.some(Boolean);
}
