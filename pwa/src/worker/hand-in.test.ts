// The app is closed: the worker hands in what waits (SPEC ), and the app goes on from there.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { CATALOG, fill, noRoom, ownWrite } from "../db/phone.testing";
import { type Db, meta, openDevice } from "../db/schema";
import { exchange } from "../exchange/officer.testing";
import { SyncServer } from "../exchange/server.testing";
import { beginLeaving, beginSession, officers, update } from "../officers/session";
import { keepReply } from "../outbox/replies";
import { type Asked, lines, serve, unreached } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { handIn } from "./hand-in";

let server: SyncServer;
let asked: readonly Asked[];
let phones = 0;

beforeEach(() => {
  server = new SyncServer();
  asked = serve(({ said }) => lines(server.answer(said)));
});
afterEach(async () => {
  for (const session of await officers()) await beginLeaving(session);
  vi.unstubAllGlobals();
});

/** Of the phone, whose database the app made and has closed again. */
async function officer(name: string, ...ids: string[]): Promise<Db> {
  phones += 1;
  await beginSession({ officer: name, token: name, device: `${name}-${phones}`, rescue_key: "" });
  const [session] = await officers();
  const db = await openDevice(session?.database ?? "");
  await fill(db, { writes: ids.map((id) => ownWrite(id, { note: id })), meta: { catalog: CATALOG } });
  return db;
}

function sent(): string[][] {
  return asked.map(({ said }) => said.writes.map(({ id }: { id: string }) => id));
}

it("what waits goes in the outbox's order, as the exchange sends it, and nothing of the phone is touched but notes", async () => {
  const db = await officer("o", "a", "b");
  await fill(db, {
    uploads: [{ sha256: "h", record: "a", field: "photos/x", role: "full", state: "waiting" }],
  });
  await handIn();
  expect(server.stored).toEqual(["a", "b"]);
  expect(asked[0]).toMatchObject({ method: "POST", path: "sync" });
  expect(asked[0]?.headers.get("Authorization")).toBe("Bearer o");
  expect(await db.getAll("writes", "state", "pending")).toHaveLength(2);
  expect(await db.getAll("uploads")).toMatchObject([{ state: "waiting" }]);
});

it("X-15: each push is on the disk before it leaves", async () => {
  const db = await officer("o", "a", "b");
  const noted: unknown[] = [];
  asked = serve(async ({ said }) => {
    noted.push(await meta(db, "push"));
    return lines(server.answer(said));
  });
  await handIn();
  expect(noted).toEqual([{ id: asked[0]?.said.push, writes: ["a", "b"] }]);
});

it("D-13: an answer that is changed just before it is noted goes as it is kept, and is changed no more", async () => {
  const db = await officer("o");
  await keepReply(db, "r", "d", "một");
  const { digest } = crypto.subtle;
  vi.spyOn(crypto.subtle, "digest").mockImplementationOnce(async (...asked) => {
    expect(await keepReply(db, "r", "d", "hai")).toBe(true);
    return digest.apply(crypto.subtle, asked);
  });
  await handIn();
  expect(await keepReply(db, "r", "d", "ba")).toBe(false);
  expect(server.entries).toMatchObject([{ reply: { text: "hai" } }]);
  expect(await db.getAll("entries")).toMatchObject([{ wire: { reply: { text: "hai" } } }]);
});

it("X-46: what a full phone has no room to note goes all the same, once", async () => {
  const long = "ă".repeat(15_000);
  const db = await officer("o");
  await fill(db, { writes: ["a", "b", "c", "d", "e"].map((id) => ownWrite(id, { note: long })) });
  noRoom();
  await handIn();
  vi.restoreAllMocks();
  expect(sent()).toEqual([["a", "b", "c", "d"], ["e"]]);
  expect(await meta(db, "push")).toBeUndefined();
});

it("X-18: a large outbox goes in several pushes; woken again, it sends only what came since", async () => {
  const db = await officer("o");
  const long = "ă".repeat(15_000);
  await fill(db, { writes: ["a", "b", "c", "d", "e"].map((id) => ownWrite(id, { note: long })) });
  await handIn();
  expect(sent()).toEqual([["a", "b", "c", "d"], ["e"]]);
  await handIn();
  expect(asked).toHaveLength(2);
  await fill(db, { writes: [ownWrite("new", { note: "x" })] });
  await handIn();
  expect(sent().slice(2)).toEqual([["new"]]);
});

it("X-45: each push says what stays behind: what goes later, what was refused, photos", async () => {
  const long = "ă".repeat(15_000);
  const db = await officer("o");
  await fill(db, {
    writes: [
      ...["a", "b", "c", "d", "e"].map((id) => ownWrite(id, { note: long })),
      ownWrite("no", { note: "" }, { state: "refused" }),
    ],
    uploads: [
      {
        sha256: "h",
        record: "a",
        field: "photos/x",
        role: "full",
        state: "waiting",
        size_bytes: 90,
        sent_bytes: 40,
      },
      {
        sha256: "i",
        record: "a",
        field: "photos/x",
        role: "thumb",
        state: "waiting",
        size_bytes: 7,
        sent_bytes: 0,
      },
    ],
  });
  await handIn();
  expect(asked.map(({ said }) => said.held)).toEqual([
    { writes: 2, photos: 1, bytes: 57 },
    { writes: 1, photos: 1, bytes: 57 },
  ]);
});

it("what did not arrive goes again when it is woken again, and the browser is asked to wake it", async () => {
  await officer("o", "a");
  serve(unreached);
  await expect(handIn()).rejects.toThrow();
  asked = serve(({ said }) => lines(server.answer(said)));
  await handIn();
  expect(sent()).toEqual([["a"]]);
});

it("one officer's failure stops no other; whose token is not taken any more is left alone", async () => {
  await officer("one", "a");
  await officer("two", "b");
  await officer("ended", "c");
  const [ended] = await officers();
  if (ended) await update(ended, { ended: true });
  asked = serve(({ said, headers }) =>
    headers.get("Authorization") === "Bearer one"
      ? new Response(null, { status: 503 })
      : lines(server.answer(said)),
  );
  await expect(handIn()).rejects.toThrow("503");
  expect(server.stored).toEqual(["b"]);
  expect(asked).toHaveLength(2);
});

it("the app asks for the last push's answer, and what went before it counts once (X-16, X-3)", async () => {
  const long = "ă".repeat(40_000);
  const db = await officer("o");
  await fill(db, { writes: ["a", "b"].map((id) => ownWrite(id, { note: long })) });
  await handIn();
  newPage();
  asked = serve(({ said }) => lines(server.answer(said)));
  await exchange(db);
  const said = asked.map((one) =>
    one.said.ask ? "ask" : one.said.writes.map(({ id }: { id: string }) => id),
  );
  expect(said).toEqual(["ask", ["a"]]);
  expect(server.stored).toEqual(["a", "b"]);
  expect((await db.getAll("writes")).map(({ state }) => state)).toEqual(["landed", "landed"]);
});

it("B-19, B-31: what a restore put back says when it was first received, here too, and the mark goes with it", async () => {
  const db = await officer("o");
  await fill(db, {
    writes: [ownWrite("a", { note: "" }, { received: 7 })],
    meta: { restored: 5, mark: "m" },
    cursors: [{ unit: "u", campaign: "c", position: 0, tag: "", floor: 0, sealed: null }],
  });
  await handIn();
  expect(asked[0]?.said).toMatchObject({
    restored: 5,
    mark: "m",
    cursors: [{ unit: "u" }],
    writes: [{ id: "a", received: 7 }],
  });
});

it("it makes no database: an officer whose own is gone is left to the app", async () => {
  phones += 1;
  await beginSession({ officer: "o", token: "o", device: `none-${phones}`, rescue_key: "" });
  await expect(handIn()).rejects.toThrow();
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(`loa-none-${phones}`);
});

it("it holds no database when it is done, and lets a newer app have one even before", async () => {
  await officer("o", "a");
  const closed = vi.spyOn(IDBDatabase.prototype, "close");
  await handIn();
  // The phone's and the officer's.
  expect(closed).toHaveBeenCalledTimes(2);
  vi.restoreAllMocks();
  const db = await officer("o2", "b");
  const blocked = vi.fn();
  asked = serve(async ({ said }) => {
    await new Promise((resolve) => {
      const opening = indexedDB.open(db.name, 99);
      opening.onblocked = blocked;
      opening.onsuccess = resolve;
    });
    return lines(server.answer(said));
  });
  // What it could not note it sends again: that harms nothing.
  await expect(handIn()).rejects.toThrow();
  expect(asked).toHaveLength(1);
  expect(server.stored).toEqual(["a", "b"]);
  expect(blocked).not.toHaveBeenCalled();
});
