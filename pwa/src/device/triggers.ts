// When the phone sends and receives: after a write, when the network or the officer comes back, and by a timer with
// back-off. Web Locks keep two tabs from doing the same work; truth does not hang on them (SPEC X-11).
import { waitMs } from "./backoff";
import { changed } from "./bus";
import { refreshCatalog } from "./catalog";
import { type Db, meta } from "./db";
import { exchange } from "./exchange";
import { Problem, Unreachable } from "./hub";
import { currentSession, end } from "./session";
import { upload, waiting } from "./uploads";

export type Running = "idle" | "running" | "later" | "unreachable" | "failed";

let running: Running = "idle";
let again = false;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let database: Db | undefined;

export function runningNow(): Running {
  return running;
}

export function start(db: Db): void {
  database = db;
  addEventListener("online", now);
  document.addEventListener("visibilitychange", shown);
  now();
}

function shown(): void {
  if (document.visibilityState === "visible") now();
}

/** Somebody is there, or the network is: sends and receives now, and forgets how often that failed before. */
export function now(): void {
  failures = 0;
  attempt();
}

/** While one runs already, once more after it. */
function attempt(): void {
  clearTimeout(timer);
  if (running === "running") {
    again = true;
    return;
  }
  running = "running";
  changed();
  void locked().then((outcome) => {
    running = outcome;
    failures = outcome === "idle" ? 0 : failures + 1;
    changed();
    if (again) {
      again = false;
      attempt();
    } else {
      timer = setTimeout(attempt, waitMs(failures, Math.random()));
    }
  });
}

function locked(): Promise<Running> {
  return navigator.locks.request("loa-exchange", { ifAvailable: true }, (lock) => (lock ? run() : "idle"));
}

async function run(): Promise<Running> {
  const session = await currentSession();
  if (!(database && session) || session.ended) return "idle";
  try {
    await everything(database, session.token);
    return (await unfinished(database)) ? "later" : "idle";
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      await end(session);
      return "idle";
    }
    return error instanceof Unreachable ? "unreachable" : "failed";
  }
}

/** All text, then thumbnails, then originals; text written meanwhile goes before the next photo (SPEC P-2). */
async function everything(db: Db, token: string): Promise<void> {
  if (!(await meta(db, "catalog"))) await refreshCatalog(db, token);
  const tried = new Set<string>();
  for (let sent = true; sent; ) {
    await exchange(db, token);
    sent = false;
    for (const row of (await waiting(db)).filter((one) => !tried.has(one.sha256))) {
      tried.add(row.sha256);
      sent = (await upload(db, token, row)) || sent;
      if ((await db.countFromIndex("writes", "state", "pending")) > 0) break;
    }
  }
}

/** Something was answered "later": tried again by the clock of a failure, not of a quiet day. */
async function unfinished(db: Db): Promise<boolean> {
  const left = await Promise.all([
    db.countFromIndex("writes", "state", "pending"),
    db.countFromIndex("uploads", "state", "waiting"),
    db.countFromIndex("uploads", "state", "sent"),
  ]);
  return left.some((count) => count > 0);
}
