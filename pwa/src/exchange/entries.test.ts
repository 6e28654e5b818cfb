// X-62, B-19: answers to returns and confirmed figures go as writes do, once each, and come back to a server that is restored.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { CATALOG, ownWrite, phone } from "../db/phone.testing";
import { type Db, meta } from "../db/schema";
import { keepReply, replyTo, waitingReplies } from "../outbox/replies";
import { dropSeal, keepSeal, sealOf } from "../outbox/seals";
import { type Asked, lines, serve } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { exchange, wrote } from "./officer.testing";
import { SyncServer } from "./server.testing";

const SEAL = { unit: "u", campaign: "c", shown: { s: 3 }, empty: false };
let db: Db;
let server: SyncServer;
let asked: readonly Asked[];

beforeEach(async () => {
  newPage();
  server = new SyncServer();
  asked = serve(({ said }) => lines(server.answer(said)));
  db = await phone({ meta: { catalog: CATALOG } });
});
afterEach(() => vi.unstubAllGlobals());

it("they go behind the writes, in the order in which they were made, and are kept as stored", async () => {
  await keepReply(db, "r", "d", "Đã treo lại");
  await keepSeal(db, SEAL);
  await wrote(db, ownWrite("w", { note: "x" }));
  await exchange(db);
  const sent = asked.flatMap(({ said }) => said.writes ?? []).map((one: object) => Object.keys(one).at(-1));
  expect(sent).toEqual(["set", "reply", "seal"]);
  expect([await waitingReplies(db), await sealOf(db, "u", "c")]).toEqual([[], null]);
  expect((await db.getAll("entries")).map(({ state, received }) => [state, received])).toEqual([
    ["stored", server.time],
    ["stored", server.time],
  ]);
  await exchange(db);
  expect(server.entries).toHaveLength(2);
});

it.each([true, false])(
  "after a restore they go again with their first moment: announced %s",
  async (announced) => {
    server.marked = true;
    await wrote(db, ownWrite("a", { note: "x" }));
    await exchange(db);
    await keepReply(db, "r", "d", "Đã treo lại");
    await keepSeal(db, SEAL);
    await wrote(db, ownWrite("b", { note: "y" }));
    await exchange(db);
    const first = server.time;
    server.time += 1_000;
    server.restore(1, announced);
    expect(server.entries).toEqual([]);
    await exchange(db);
    await exchange(db);
    expect(server.entries).toMatchObject([
      { reply: { text: "Đã treo lại" }, received: first },
      { seal: SEAL, received: first },
    ]);
    expect((await db.getAll("entries")).map(({ received }) => received)).toEqual([first, first]);
    server.time += 1_000;
    server.restore(1, announced);
    await exchange(db);
    await exchange(db);
    expect(server.entries).toHaveLength(2);
  },
);

it("one that was not taken is said to the officer, and goes no more", async () => {
  await keepReply(db, "r", "d", "Đã treo lại");
  await keepSeal(db, SEAL);
  for (const { id } of await db.getAll("entries")) server.refuses[id] = "no_decision";
  await exchange(db);
  const own = await sealOf(db, "u", "c");
  expect([(await replyTo(db, "d"))?.code, own?.code]).toEqual(["no_decision", "no_decision"]);
  await exchange(db);
  expect(asked.flatMap(({ said }) => said.writes ?? [])).toHaveLength(2);
  if (own) await dropSeal(db, own);
  expect(await sealOf(db, "u", "c")).toBeNull();
});

it("an answer that was lost on its way is asked for by the push, and nothing goes twice", async () => {
  await keepReply(db, "r", "d", "Đã treo lại");
  asked = serve(({ said }) => {
    server.answer(said);
    return Response.error();
  });
  await expect(exchange(db)).rejects.toThrow();
  expect([server.entries.length, (await waitingReplies(db)).length]).toEqual([1, 1]);
  asked = serve(({ said }) => lines(server.answer(said)));
  await exchange(db);
  expect(asked[0]?.said.ask).toEqual(expect.any(String));
  expect(asked.flatMap(({ said }) => said.writes ?? [])).toEqual([]);
  expect(await waitingReplies(db)).toEqual([]);
});

it("L-12, B-9: a write that is refused as purged takes along all that is here of its record", async () => {
  await wrote(db, ownWrite("r", { note: "mặt nạn nhân" }));
  await keepReply(db, "r", "d", "có tên trong lời");
  server.refuses["r"] = "purged";
  await exchange(db);
  expect([await db.getAll("writes"), await db.getAll("records")]).toEqual([[], []]);
  expect(await waitingReplies(db)).toEqual([]);
  expect(await meta(db, "push")).toBeUndefined();
});

const GONE = { record: "x", unit: "u", campaign: "c", number: "BR-9", writes: ["gone"] };
const DAY = 86_400_000;

async function restoredLacking(): Promise<void> {
  await exchange(db);
  await db.put("meta", { x: GONE }, "noted");
  server.restored = server.time;
  server.forgets.add("x");
  await exchange(db);
}

it("B-33: what the server did not take is named again once the catalogue is another, and then no more", async () => {
  await restoredLacking();
  expect(server.named).toHaveLength(1);
  await exchange(db);
  expect(server.named, "not with each sync").toHaveLength(1);
  server.forgets.clear();
  server.catalog = "with the role given again";
  await db.put("meta", { ...CATALOG, etag: server.catalog }, "catalog");
  await exchange(db);
  expect(server.named).toEqual([GONE, GONE]);
  server.time += 2 * DAY;
  await exchange(db);
  await exchange(db);
  expect(server.named).toHaveLength(2);
});

it("B-33: else once a day, for 30 days", async () => {
  await restoredLacking();
  for (let day = 1; day <= 40; day += 1) {
    server.time += DAY;
    await exchange(db);
    await exchange(db);
  }
  expect(server.named.length).toBeGreaterThan(29);
  expect(server.named.length).toBeLessThan(33);
});

it("B-33: what came by then is not named again", async () => {
  await restoredLacking();
  server.time += 2 * DAY;
  server.take("gone", { note: "x" }, "x");
  await exchange(db);
  await exchange(db);
  expect(server.named).toHaveLength(1);
});

it("X-23, B-25: a phone that is replaced names what it drops of others to a server that is restored later", async () => {
  server.take("r", { note: "của người khác" });
  await exchange(db);
  expect(await db.getAll("records")).toHaveLength(1);
  server.replaced = true;
  await exchange(db);
  expect(await db.getAll("records")).toEqual([]);
  server.restore(0);
  server.time += DAY;
  await exchange(db);
  expect(server.named).toMatchObject([{ record: "r", number: "BR-1", writes: ["r"] }]);
});
