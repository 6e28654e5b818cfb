// X-62, B-19: answers to returns and confirmed figures go as writes do, once each, and come back to a server that is restored.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { NOTHING } from "../core/draft";
import { CATALOG, fill, ownWrite, phone } from "../db/phone.testing";
import { KEPT_MS } from "../db/prune";
import { type Db, meta, thumbsOf } from "../db/schema";
import { keepReply, replyTo, waitingReplies } from "../outbox/replies";
import { keepSeal, sealOf } from "../outbox/seals";
import { dropEntry } from "../outbox/words";
import { type Asked, lines, serve } from "../platform/server.testing";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { exchange, Tab, wrote } from "./officer.testing";
import { SyncServer } from "./server.testing";

const SEAL = { unit: "u", campaign: "c", shown: { s: 3 }, empty: false };
let db: Db;
let page: Page;
let server: SyncServer;
let asked: readonly Asked[];

beforeEach(async () => {
  page = newPage();
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
  if (own) await dropEntry(db, own.id);
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

it("L-12, B-9: so does an answer that is refused as purged", async () => {
  await wrote(db, ownWrite("r", { note: "mặt nạn nhân" }));
  await exchange(db);
  await keepReply(db, "r", "d", "có tên trong lời");
  await keepReply(db, "else", "e", "khác");
  const [own] = await waitingReplies(db);
  server.refuses[own?.id ?? ""] = "purged";
  await exchange(db);
  const entries = (await db.getAll("entries")).map(({ wire }) => "reply" in wire && wire.reply.text);
  expect([await db.getAll("writes"), await db.getAll("records"), entries]).toEqual([[], [], ["khác"]]);
});

it.each([false, true])(
  "L-12: so do a form, its shots and pictures of others, where the answer tells of a restore too: %s",
  async (restored) => {
    await wrote(db, ownWrite("r", { note: "mặt nạn nhân" }));
    const place = { kind: "banner", unit: "u", campaign: "c" };
    await fill(db, {
      drafts: [{ ...place, id: "form", record: "r", drawn: NOTHING, now: {}, corrects: [] }],
      captures: [{ ...place, id: "shot", draft: "form", is: "photo" }],
      originals: { shot: new ArrayBuffer(1) },
    });
    await (await page.caches.open(thumbsOf(db))).put("h", new Response("x"));
    server.refuses["r"] = "purged";
    if (restored) server.restored = server.time;
    await exchange(db);
    const stores = ["writes", "drafts", "captures", "originals"] as const;
    expect(await Promise.all(stores.map((store) => db.getAllKeys(store)))).toEqual([[], [], [], []]);
    expect(await page.caches.keys()).not.toContain(thumbsOf(db));
  },
);

it("an answer that is on its way is changed no more, and goes as it is kept when it is noted", async () => {
  expect(await keepReply(db, "r", "d", "một")).toBe(true);
  let tried: boolean | undefined;
  asked = serve(async ({ said }) => {
    tried ??= await keepReply(db, "r", "d", "hai");
    return lines(server.answer(said));
  });
  // Read for the push, then changed, then noted and sent.
  let changes = 1;
  const onEffect = async ({ do: what }: { readonly do: string }) => {
    if (what !== "note" || changes === 0) return;
    changes -= 1;
    expect(await keepReply(db, "r", "d", "ba")).toBe(true);
  };
  await new Tab(true, { onEffect }).sync(db);
  expect(tried).toBe(false);
  expect(server.entries).toMatchObject([{ reply: { text: "ba" } }]);
  expect(await db.getAll("entries")).toMatchObject([{ state: "stored", wire: { reply: { text: "ba" } } }]);
});

it("nor one whose answer was lost and whom the server does not know to have had", async () => {
  await keepReply(db, "r", "d", "một");
  serve(() => Response.error());
  await expect(exchange(db)).rejects.toThrow();
  await db.delete("meta", "push");
  expect(await keepReply(db, "r", "d", "hai")).toBe(false);
  expect(await waitingReplies(db)).toMatchObject([{ wire: { reply: { text: "một" } } }]);
});

it("B-19, H-2: what the server has had for longer than 30 days by its own time does not go again", async () => {
  await exchange(db);
  await keepReply(db, "r", "d", "cũ");
  await exchange(db);
  server.time += KEPT_MS;
  await keepSeal(db, SEAL);
  await exchange(db);
  server.restore(0);
  server.time += 1_000;
  await exchange(db);
  expect(server.entries).toMatchObject([{ seal: SEAL }]);
});

it("of two confirmed figures the later one is said, whatever their ids are", async () => {
  for (const [id, made] of [
    ["b", 1],
    ["a", 2],
  ] as const)
    await db.put("entries", { id, state: "pending", made, wire: { id, seal: SEAL } });
  expect((await sealOf(db, "u", "c"))?.id).toBe("a");
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
