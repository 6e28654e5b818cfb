// When a phone sends and receives (SPEC W-7, X-25, X-30, X-41), by a clock that is turned by hand.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { CATALOG, fill, noRoomWhile, ownWrite } from "../db/phone.testing";
import { type Asked, lines, serve, unreached } from "../platform/server.testing";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { SyncServer } from "./server.testing";

type App = typeof import("./triggers");
type Answer = (asked: Asked) => Response | Promise<Response>;

let page: Page;
let server: SyncServer;
let asked: Asked[];
let app: App;
let answers: Record<string, Answer>;
let phones = 0;
/** Of no clock that a test turns. */
const [wait, turn] = [setTimeout, setImmediate];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.spyOn(Math, "random").mockReturnValue(0.999_999);
  // A page that has just begun.
  vi.resetModules();
  vi.stubGlobal("indexedDB", new IDBFactory());
  page = newPage();
  server = new SyncServer();
  answers = {};
  asked = serve((one) => (answers[one.headers.get("Authorization") ?? ""] ?? well)(one));
  app = await import("./triggers");
});
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const well: Answer = ({ said }) => lines(server.answer(said));
const says = (status: number, headers: Record<string, string> = {}): Answer => {
  return () => Response.json({ code: "busy" }, { status, headers });
};

/** With so many writes that wait; who comes last has the phone. */
async function officer(name: string, ...ids: string[]) {
  phones += 1;
  const { beginSession } = await import("../officers/session");
  const { openDevice } = await import("../db/schema");
  await beginSession({ officer: name, token: name, device: `t-${phones}`, rescue_key: "" });
  const db = await openDevice(`loa-t-${phones}`);
  await fill(db, { writes: ids.map((id) => ownWrite(id, { note: id })), meta: { catalog: CATALOG } });
  return db;
}

async function ended(): Promise<string[]> {
  const { officers } = await import("../officers/session");
  return (await officers()).filter((one) => one.ended).map(({ officer: name }) => name);
}

/**
 * What runs has come to its end, or waits; no time of the phone's clock has passed. It is waited for by turns of the event
 * loop and not by the time that they take, which is long on a machine with other work. `most`: for what never ends.
 */
async function settled(most = 5_000): Promise<ReturnType<App["runningNow"]>> {
  for (let round = 0; round < most; round += 1) {
    await new Promise((resolve) => wait(resolve, 1));
    for (let nth = 0; nth < 30; nth += 1) await new Promise((resolve) => turn(resolve));
    if (!["waiting", "running"].includes(app.runningNow())) break;
  }
  return app.runningNow();
}

async function later(seconds: number): Promise<ReturnType<App["runningNow"]>> {
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  return settled();
}

function tokens(): (string | null)[] {
  return asked.map(({ headers }) => headers.get("Authorization"));
}

it("the app that starts sends what waits, and asks for changes every two minutes from then on", async () => {
  await officer("o", "a");
  app.startExchanging();
  expect(await settled()).toBe("idle");
  expect(server.stored).toEqual(["a"]);
  expect(asked).toHaveLength(1);
  await later(119);
  expect(asked).toHaveLength(1);
  await later(1);
  expect(asked).toHaveLength(2);
});

it("X-30: in a pocket a server that is not reached is tried after 5, 10, 20 seconds, up to ten minutes; the network tells sooner", async () => {
  page.document.hidden = true;
  answers["Bearer o"] = unreached;
  await officer("o", "a");
  app.startExchanging();
  expect(await settled()).toBe("unreachable");
  for (const [nth, seconds] of [5, 10, 20, 40, 80, 160, 320, 600, 600].entries()) {
    await later(seconds - 1);
    expect(asked).toHaveLength(nth + 1);
    await later(1);
    expect(asked).toHaveLength(nth + 2);
  }
  answers = {};
  dispatchEvent(new Event("online"));
  expect(await settled()).toBe("idle");
  expect(server.stored).toEqual(["a"]);
});

it("X-64: while somebody looks, a path that comes back without an event is found within 3 s, whatever the pause", async () => {
  answers["Bearer o"] = answers[""] = unreached;
  await officer("o", "a");
  app.startExchanging();
  expect(await settled()).toBe("unreachable");
  for (const seconds of [5, 10, 20, 40]) await later(seconds);
  const questions = asked.filter(({ path }) => path === "health");
  expect(questions.length).toBeGreaterThan(10);
  expect(server.stored).toEqual([]);
  answers = { "": () => Response.json({}) };
  await later(3);
  expect(server.stored).toEqual(["a"]);
  const then = asked.length;
  await later(60);
  expect(asked).toHaveLength(then);
});

it.each([
  ["breaks off every exchange", 0],
  ["answers none", 60],
])("X-64: a server that is there and %s is pressed by nobody who looks", async (_, silent_s) => {
  answers["Bearer o"] = silent_s > 0 ? () => new Promise(() => undefined) : unreached;
  answers[""] = () => Response.json({});
  await officer("o", "a");
  app.startExchanging();
  for (let nth = 0; nth < 300; nth += 1) await vi.advanceTimersByTimeAsync(2_000).then(() => settled(8));
  const pushes = asked.filter(({ path }) => path === "sync").length;
  const pauses = [0, 0, 5, 10, 20, 40, 80, 160, 320];
  let begun = 0;
  for (let s = 0; s < 600; s += silent_s + (pauses[begun] ?? 0)) begun += 1;
  expect(pushes).toBeGreaterThan(2);
  expect(pushes).toBeLessThanOrEqual(begun + 1);
});

it("X-64: in a pocket nobody asks whether the server is there; whoever looks again finds it at once", async () => {
  page.document.hidden = true;
  answers["Bearer o"] = answers[""] = unreached;
  await officer("o", "a");
  app.startExchanging();
  await settled();
  for (const seconds of [5, 10, 20, 40]) await later(seconds);
  expect(asked.filter(({ path }) => path === "health")).toEqual([]);
  answers = {};
  page.document.hidden = false;
  page.document.dispatchEvent(new Event("visibilitychange"));
  await later(3);
  expect(server.stored).toEqual(["a"]);
});

it("X-64: where nothing waits, nobody asks whether the server is there", async () => {
  answers["Bearer o"] = answers[""] = unreached;
  await officer("o");
  app.startExchanging();
  await settled();
  await later(4);
  expect(asked.filter(({ path }) => path === "health")).toEqual([]);
});

it("X-64: a call that no longer moves is ended once the server is there again, and not while it only takes long", async () => {
  const hangs: Answer = () => new Promise(() => undefined);
  answers["Bearer o"] = hangs;
  answers[""] = () => Response.json({});
  await officer("o", "a");
  app.startExchanging();
  await later(0);
  for (let nth = 0; nth < 10; nth += 1) await vi.advanceTimersByTimeAsync(2_000).then(() => settled(40));
  const pushes = () => asked.filter(({ path }) => path === "sync").length;
  expect(pushes()).toBe(1);
  answers[""] = hangs;
  for (let nth = 0; nth < 5; nth += 1) await vi.advanceTimersByTimeAsync(2_000).then(() => settled(40));
  expect(pushes()).toBe(1);
  answers = { "": () => Response.json({}) };
  await later(2);
  expect(await later(1)).toBe("idle");
  expect(server.stored).toEqual(["a"]);
});

it("X-30: the network that comes back makes it begin at once, and forget how often it failed", async () => {
  page.document.hidden = true;
  answers["Bearer o"] = unreached;
  await officer("o", "a");
  app.startExchanging();
  await settled();
  for (const seconds of [5, 10, 20]) await later(seconds);
  const before = asked.length;
  dispatchEvent(new Event("online"));
  await settled();
  expect(asked).toHaveLength(before + 1);
  await later(5);
  expect(asked).toHaveLength(before + 2);
});

it("X-30: it begins within 3 s of the network's return, though the worker is woken by it too and has the lock first", async () => {
  page.document.hidden = true;
  answers["Bearer o"] = unreached;
  await officer("o", "a");
  app.startExchanging();
  await settled();
  for (const seconds of [5, 10, 20, 40]) await later(seconds);
  const before = asked.length;
  answers = {};
  const end = busy();
  setTimeout(end, 1_900);
  dispatchEvent(new Event("online"));
  await later(3);
  expect(asked.length).toBeGreaterThan(before);
  expect(server.stored).toEqual(["a"]);
});

it("X-30: what was answered later is tried again by the clock of a failure, not of a quiet day", async () => {
  const db = await officer("o");
  await fill(db, { writes: [ownWrite("orphan", { note: "x" }, { record: "elsewhere" })] });
  app.exchangeNow();
  expect(await settled()).toBe("later");
  server.take("elsewhere", { quantity: 1 });
  expect(await later(5)).toBe("idle");
  expect(server.stored).toContain("orphan");
});

it("what is saved while it runs, when its officer's turn is over, goes right after", async () => {
  await officer("two", "b");
  const db = await officer("one", "a");
  let saved = false;
  answers["Bearer two"] = async (one) => {
    if (!saved) await fill(db, { writes: [ownWrite("c", { note: "c" })] }).then(app.exchangeNow);
    saved = true;
    return well(one);
  };
  app.exchangeNow();
  await settled();
  expect(server.stored).toEqual(["a", "b"]);
  expect(await later(0)).toBe("idle");
  expect(server.stored).toEqual(["a", "b", "c"]);
});

it("X-41: a busy server (503) is left alone by all officers for as long as it says, whatever calls meanwhile", async () => {
  await officer("two", "b");
  await officer("one", "a");
  answers["Bearer one"] = says(503, { "Retry-After": "30" });
  app.startExchanging();
  expect(await settled()).toBe("busy");
  expect(tokens()).toEqual(["Bearer one"]);
  answers = {};
  dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  // Half as long again at most: phones that were sent away together come back one after the other.
  await later(44);
  expect(asked).toHaveLength(1);
  expect(await later(1)).toBe("idle");
  expect([...server.stored].sort()).toEqual(["a", "b"]);
});

it("X-41: who sent too much (429) is left alone, the others of the phone go on", async () => {
  await officer("two", "b");
  await officer("one", "a");
  answers["Bearer one"] = says(429, { "Retry-After": "30" });
  app.exchangeNow();
  expect(await settled()).toBe("busy");
  expect(server.stored).toEqual(["b"]);
  answers = {};
  app.exchangeNow();
  expect(await settled()).toBe("busy");
  expect(server.stored).toEqual(["b"]);
  await later(45);
  expect(server.stored).toEqual(["b", "a"]);
});

it("W-7: a token that is not taken any more ends its session, touches no outbox, and stops no other", async () => {
  const other = await officer("two", "b");
  const db = await officer("one", "a");
  answers["Bearer one"] = says(401);
  app.exchangeNow();
  expect(await settled()).toBe("idle");
  expect(await ended()).toEqual(["one"]);
  expect(server.stored).toEqual(["b"]);
  expect(await db.getAll("writes", "state", "pending")).toHaveLength(1);
  await fill(other, { writes: [ownWrite("c", { note: "c" })] });
  app.exchangeNow();
  await settled();
  expect(tokens().filter((token) => token === "Bearer one")).toHaveLength(1);
  expect(server.stored).toEqual(["b", "c"]);
});

it.each([
  ["a server that fails on it", says(500), "failed"],
  ["an answer that is no JSON", () => new Response("<html>\n"), "failed"],
  ["no network for it", unreached, "unreachable"],
] as const)("one officer's failure stops no other, and is what is said: %s", async (_, answer, running) => {
  await officer("two", "b");
  await officer("one", "a");
  answers["Bearer one"] = answer;
  app.exchangeNow();
  expect(await settled()).toBe(running);
  expect(server.stored).toEqual(["b"]);
});

it("an officer whose database another page holds stops no other", async () => {
  await officer("two", "b");
  const { beginSession } = await import("../officers/session");
  await beginSession({ officer: "one", token: "one", device: "held", rescue_key: "" });
  await new Promise((resolve) => {
    indexedDB.open("loa-held", 1).onsuccess = resolve;
  });
  app.exchangeNow();
  expect(await settled()).toBe("phone");
  expect(server.stored).toEqual(["b"]);
});

it("a phone without room says so, and tries again by its clock", async () => {
  await officer("o", "a");
  let full = true;
  noRoomWhile(() => full);
  app.exchangeNow();
  expect(await settled()).toBe("full");
  // what it has to say went all the same.
  expect(server.stored).toEqual(["a"]);
  full = false;
  expect(await later(5)).toBe("idle");
  expect(server.stored).toEqual(["a"]);
});

it("of the others of a phone only who left something is sent for", async () => {
  await officer("quiet");
  await officer("left", "b");
  await officer("one");
  app.exchangeNow();
  await settled();
  expect(tokens()).toEqual(["Bearer one", "Bearer left"]);
});

/** Another tab or the worker has the lock until it is let go. */
function busy(): () => void {
  let end: () => void = () => undefined;
  void page.locks.request(
    "loa-exchange",
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  return () => end();
}

it("who has the lock for a moment, as the worker does, is waited for", async () => {
  await officer("o", "a");
  const end = busy();
  app.exchangeNow();
  await vi.advanceTimersByTimeAsync(1_900);
  expect(asked).toHaveLength(0);
  end();
  expect(await settled()).toBe("idle");
  expect(server.stored).toEqual(["a"]);
});

it("while another has the lock it says that it waits, not that it sends", async () => {
  await officer("o", "a");
  const { onChange } = await import("../platform/changed");
  const said: string[] = [];
  onChange(() => said.at(-1) === app.runningNow() || said.push(app.runningNow()));
  const end = busy();
  app.exchangeNow();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(app.runningNow()).toBe("waiting");
  end();
  expect(await settled()).toBe("idle");
  expect(said).toEqual(["waiting", "running", "idle"]);
  app.exchangeNow();
  await settled();
  expect(said.slice(3)).toEqual(["running", "idle"]);
});

it("while another tab has it for longer this one says what is left, and sends nothing", async () => {
  const db = await officer("o", "a");
  busy();
  app.exchangeNow();
  expect(await later(2)).toBe("later");
  await db.delete("writes", 1);
  app.exchangeNow();
  expect(await later(2)).toBe("idle");
  expect(asked).toHaveLength(0);
});

it("one that was frozen with the lock is not waited for for ever: after some minutes this one sends without it", async () => {
  await officer("o", "a");
  busy();
  app.exchangeNow();
  // Six times it says what is left, ever more rarely.
  for (const seconds of [2, 7, 12, 22, 42, 82]) expect(await later(seconds)).toBe("later");
  expect(asked).toHaveLength(0);
  expect(await later(162)).toBe("idle");
  expect(server.stored).toEqual(["a"]);
});

it("an app that goes to sleep, or fails, has the browser wake the worker; that is there again sends at once", async () => {
  const register = vi.fn(() => Promise.resolve());
  page.navigator.serviceWorker = { ready: Promise.resolve({ sync: { register } }) };
  await officer("o", "a");
  app.startExchanging();
  await settled();
  expect(register).not.toHaveBeenCalled();
  page.document.hidden = true;
  page.document.dispatchEvent(new Event("visibilitychange"));
  await settled();
  expect(register).toHaveBeenCalledExactlyOnceWith("outbox");
  expect(asked).toHaveLength(1);
  page.document.hidden = false;
  answers["Bearer o"] = unreached;
  page.document.dispatchEvent(new Event("visibilitychange"));
  expect(await settled()).toBe("unreachable");
  expect(asked).toHaveLength(2);
  expect(register).toHaveBeenCalledTimes(2);
});
