// The exchange with a server that keeps what it was sent (server.testing.ts): whatever is lost on the way, each write
// counts once and the phone ends with what the server has (SPEC G2, G4, G6, X-11 to X-40).
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test as it, vi } from "vitest";
import { isFull } from "../db/open";
import { CATALOG, fill, noRoom, noRoomWhile, ownWrite, phone } from "../db/phone.testing";
import { type Db, meta } from "../db/schema";
import { Problem } from "../platform/http";
import { hashOf, idOf } from "../platform/ids";
import { type Asked, broken, lines, serve, unreached } from "../platform/server.testing";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { atLast, exchange, officer, pulled, requests, states, Tab, wrote } from "./officer.testing";
import { SyncServer } from "./server.testing";

describe("text", () => {
  let page: Page;
  let server: SyncServer;
  let asked: readonly Asked[];

  beforeEach(() => {
    page = newPage();
    server = new SyncServer();
    asked = serve(({ said }) => well(said));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  const OUTBOX = [
    ownWrite("one", { note: "1", quantity: 1 }),
    ownWrite("edit", { note: "2" }, { record: "one", seen: ["one"] }),
    ownWrite("two", { note: "3" }),
  ];

  /** What may become of a request. */
  type Fault = (said: object) => Response;

  const well: Fault = (said) => lines(server.answer(said));

  function unanswered(said: object): never {
    server.answer(said);
    return unreached();
  }

  const FAULTS: [string, Fault][] = [
    ["does not arrive", unreached],
    ["has no answer", unanswered],
    ["is answered by a proxy", () => new Response("<html>", { status: 502 })],
    ...[0, 1, 2, 3, 4, 5].map((most): [string, Fault] => [
      `is cut behind line ${most}`,
      (said) => lines(server.answer(said), most),
    ]),
    ["breaks behind its head", (said) => broken(server.answer(said), 1)],
  ];

  /** A day with own writes and others', over a record that both know, while these are what becomes of the requests. */
  async function day(...faults: readonly Fault[]): Promise<void> {
    server = new SyncServer();
    server.take("r1", { note: "của xã", quantity: 5 });
    const db = await officer(...OUTBOX);
    const left = [...faults];
    serve(({ said }) => (left.shift() ?? well)(said));
    await atLast(db);
    server.take("r2", { note: "x" });
    server.take("their", { quantity: 9 }, "one", ["one"]);
    await wrote(
      db,
      ownWrite("mine", { note: "z" }, { record: "r1", seen: ["r1"] }),
      ownWrite("three", { note: "4" }),
    );
    await atLast(db);
    const all = [...OUTBOX.map(({ id }) => id), "r1", "r2", "their", "mine", "three"];
    expect([...server.stored].sort()).toEqual(all.sort());
    expect(new Set((await db.getAll("writes")).map(({ state }) => state))).toEqual(new Set(["landed"]));
    expect(await pulled(db)).toEqual(server.state());
    expect(await meta(db, "push")).toBeUndefined();
    // Nor was any of it taken for a server that was restored.
    expect(server.named).toEqual([]);
  }

  it.each(FAULTS)(
    "G2, G4: a request %s: each write counts once, and the phone ends as the server",
    async (_, fault) => {
      await day(fault);
      await day(well, fault);
    },
  );

  it("G2, G4: and whatever becomes of several of them", async () => {
    const some = fc.array(fc.constantFrom(...FAULTS, null), { minLength: 2, maxLength: 7 });
    const run = (drawn: readonly ([string, Fault] | null)[]) => day(...drawn.map((one) => one?.[1] ?? well));
    await expect(fc.assert(fc.asyncProperty(some, run), { numRuns: 15 })).resolves.toBeUndefined();
  }, 30_000);

  class Killed extends Error {}

  /** The app is killed before its `nth` effect, and begun anew with an empty memory. Whether it came so far. */
  async function killedAt(db: Db, nth: number): Promise<boolean> {
    let left = nth;
    const onEffect = () => {
      left -= 1;
      if (left < 0) throw new Killed();
    };
    const killed = await new Tab(true, { onEffect }).sync(db).then(
      () => false,
      (error: unknown) => error instanceof Killed,
    );
    for (let tries = 0; tries < 2; tries += 1) await new Tab(true).sync(db);
    return killed;
  }

  /** Of whatever is done with a phone in a day, with a kill before each effect of its run in turn. */
  it.each([
    ["writes, and pulls several blocks", 1, () => undefined],
    ["is answered 413 for one of its writes", 4, () => (server.poison = "two")],
    ["finds the server restored", 3, () => server.restore(1)],
    ["finds the server restored without a word", 3, () => server.restore(1, false)],
  ])(
    "G1, G2: a phone that %s may be killed between any two effects",
    async (_, each, before) => {
      let killed = true;
      // Each of them in the first; the others are long, and the random histories kill anywhere.
      for (let nth = 0; killed; nth += each) {
        server = new SyncServer();
        asked = serve(({ said, path }) => {
          if (path !== "sync") return new Response(null, { status: 404 });
          if (JSON.stringify(said.writes ?? []).includes(`"id":"${server.poison}"`))
            return Response.json({ code: "too_large" }, { status: 413 });
          return well(said);
        });
        for (const id of ["r1", "r2"]) server.take(id, { note: id });
        const db = await officer(ownWrite("zero", { note: "0" }));
        await new Tab(true).sync(db);
        await wrote(db, ...OUTBOX);
        server.time += 1000;
        before();
        server.take("r3", { note: "x" });
        killed = await killedAt(db, nth);
        const { poison } = server;
        const own = ["zero", ...OUTBOX.map(({ id }) => id)].filter((id) => id !== poison);
        const others = server.stored.filter((id) => id.startsWith("r"));
        expect([...server.stored].sort(), `killed before effect ${nth}`).toEqual([...own, ...others].sort());
        const fates = (await db.getAll("writes")).map(({ id, state }) => `${id} ${state}`).sort();
        const wanted = [...own.map((id) => `${id} landed`), ...(poison ? [`${poison} refused`] : [])];
        expect(fates).toEqual(wanted.sort());
        expect(await pulled(db)).toMatchObject(server.state());
        const lost = ["r1", "r2"].filter((id) => !server.stored.includes(id));
        expect(new Set(server.named.map(({ record }) => record))).toEqual(new Set(lost));
        expect([await meta(db, "push"), await meta(db, "noted")]).toEqual([undefined, undefined]);
      }
    },
    60_000,
  );

  it("X-15: a push and the ids of its writes are on the disk before it leaves", async () => {
    const db = await officer(...OUTBOX);
    const noted: unknown[] = [];
    serve(async ({ said }) => {
      noted.push(await meta(db, "push"));
      return lines(server.answer(said));
    });
    await exchange(db);
    expect(noted).toEqual([{ id: expect.any(String), writes: ["one", "edit", "two"] }]);
  });

  it("X-15: the id of a push is a hash of its writes and of the time in the server's last answer", async () => {
    const db = await officer(...OUTBOX);
    const text = (time: number) => `one\nedit\ntwo\n${time}\n`;
    serve(unreached);
    await exchange(db).catch(() => undefined);
    expect(await meta(db, "push")).toMatchObject({ id: await idOf(text(0)) });
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(asked[1]?.said.push).toBe(await idOf(text(server.time)));
  });

  it("X-46: a full phone sends its whole outbox, and knows what became of it once there is room", async () => {
    const long = "ă".repeat(15_000);
    const many = Array.from({ length: 9 }, (_, nth) => ownWrite(`w${nth}`, { note: long }));
    const db = await officer(...many);
    const tab = new Tab();
    noRoom();
    const unkept = await exchange(db, tab);
    expect(server.stored).toEqual(many.map(({ id }) => id));
    expect([...unkept.stored]).toEqual(server.stored);
    expect(isFull(unkept.full)).toBe(true);
    expect(new Set((await db.getAll("writes")).map(({ state }) => state))).toEqual(new Set(["pending"]));
    vi.restoreAllMocks();
    asked = serve(({ said }) => well(said));
    await exchange(db, tab);
    expect(requests(asked)[0]).toBe("ask");
    expect(server.stored).toEqual(many.map(({ id }) => id));
    expect(new Set((await db.getAll("writes")).map(({ state }) => state))).toEqual(new Set(["landed"]));
    expect(await pulled(db)).toEqual(server.state());
  });

  it("X-46: killed on a full phone, it asks by the same id before it sends a second time", async () => {
    const db = await officer(...OUTBOX);
    noRoom();
    await exchange(db);
    // Another page: nothing is in its memory.
    asked = serve(({ said }) => well(said));
    await exchange(db, new Tab());
    expect(requests(asked)[0]).toBe("ask");
    expect(asked.filter(({ said }) => said.writes)).toEqual([]);
  });

  it("X-48: what a full phone was answered `later` goes again with each sync, under an id of its own, until it is stored", async () => {
    const db = await officer(ownWrite("edit", { note: "2" }, { record: "one" }));
    const tab = new Tab();
    noRoom();
    asked = serve(({ said }) => well(said));
    await exchange(db, tab);
    await exchange(db, tab);
    expect(server.stored).toEqual([]);
    // Its create came from another phone.
    server.take("one", { note: "0" });
    const unkept = await exchange(db, tab);
    expect(server.stored).toEqual(["one", "edit"]);
    expect([...unkept.stored]).toEqual(["edit"]);
    const pushes = asked.flatMap(({ said }) => said.push ?? []);
    expect(new Set(pushes.slice(0, 2)).size).toBe(2);
    vi.restoreAllMocks();
    await atLast(db);
    expect(server.stored).toEqual(["one", "edit"]);
    expect(await states(db)).toEqual(["edit landed"]);
    expect(await pulled(db)).toEqual(server.state());
  });

  it("X-46: results wait for room, and changes too, and neither stops what has to go", async () => {
    for (const id of ["r1", "r2"]) server.take(id, { note: id });
    const db = await officer(...OUTBOX);
    let puts = 0;
    // The push and its results find room, the first block does not.
    noRoomWhile(() => {
      puts += 1;
      return puts > 14;
    });
    const unkept = await exchange(db);
    expect(isFull(unkept.full)).toBe(true);
    expect(server.stored).toContain("two");
    vi.restoreAllMocks();
    await atLast(db);
    expect(await pulled(db)).toEqual(server.state());
  });

  it("X-18: an outbox goes in its order, in pushes of about 64 kB, one after the other", async () => {
    const long = "ă".repeat(15_000);
    const many = Array.from({ length: 9 }, (_, nth) => ownWrite(`w${nth}`, { note: long }));
    const db = await officer(...many);
    await exchange(db);
    expect(requests(asked)).toEqual(["push w0 w1 w2 w3", "push w4 w5 w6 w7", "push w8"]);
    expect(server.stored).toEqual(many.map(({ id }) => id));
  });

  it("X-16: where an answer was lost it is asked for first, alone, and taken by the places in the push", async () => {
    const db = await officer(...OUTBOX, ownWrite("bad", { note: "5" }));
    server.refuses["bad"] = "too_long";
    await fill(db, {
      uploads: [{ sha256: "h", record: "one", field: "photos/x", role: "full", state: "sent" }],
    });
    serve(({ said }) => unanswered(said));
    await expect(exchange(db)).rejects.toMatchObject({ code: "unreachable" });
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(requests(asked)).toEqual(["ask"]);
    expect(asked[0]?.said).not.toHaveProperty("photos");
    expect(await states(db)).toEqual(["one landed", "edit landed", "two landed", "bad refused"]);
    expect(await db.get("writes", "bad", "id")).toMatchObject({ code: "too_long" });
  });

  it("X-16: what the server knows nothing of goes again, as a push of its own", async () => {
    const db = await officer(...OUTBOX);
    serve(unreached);
    await expect(exchange(db)).rejects.toMatchObject({ code: "unreachable" });
    const before = await meta(db, "push");
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(requests(asked)).toEqual(["ask", "push one edit two"]);
    expect(asked[0]?.said.ask).toBe(before?.id);
    expect(asked[1]?.said.push).not.toBe(before?.id);
  });

  it("without a network no push is begun that would have to be asked for", async () => {
    page.navigator.onLine = false;
    serve(unreached);
    const db = await officer(...OUTBOX);
    await expect(exchange(db)).rejects.toMatchObject({ code: "unreachable" });
    expect(await meta(db, "push")).toBeUndefined();
  });

  it("X-30: what is answered later is not sent again in the same sync, and holds up nothing; it goes with the next", async () => {
    const orphan = ownWrite("orphan", { note: "x" }, { record: "elsewhere" });
    const db = await officer(orphan, ...OUTBOX);
    await exchange(db);
    expect(requests(asked)).toEqual(["push orphan one edit two"]);
    expect(await states(db)).toEqual(["orphan pending", "one landed", "edit landed", "two landed"]);
    server.take("elsewhere", { quantity: 1 });
    await exchange(db);
    expect(await states(db)).toContain("orphan landed");
  });

  it.each([400, 413])(
    "X-24, X-39: of a push answered %i only the write at fault is set aside",
    async (status) => {
      const db = await officer(
        ...OUTBOX,
        ownWrite("poison", { "photos/x": { sha256: "h" } }),
        ownWrite("last", { note: "5" }),
      );
      await fill(db, {
        uploads: [{ sha256: "h", record: "poison", field: "photos/x", role: "full", state: "waiting" }],
      });
      asked = serve(({ said }) =>
        JSON.stringify(said.writes ?? []).includes("poison")
          ? Response.json({ code: "too_large" }, { status })
          : lines(server.answer(said)),
      );
      await exchange(db);
      expect(server.stored).toEqual(["one", "edit", "two", "last"]);
      expect(await db.get("writes", "poison", "id")).toMatchObject({ state: "refused", code: "too_large" });
      expect(await db.getAll("uploads")).toMatchObject([{ state: "refused", code: "too_large" }]);
      expect(requests(asked).slice(0, 4)).toEqual([
        ...["push one edit two poison last", "ask", "push one edit two poison last", "ask"],
      ]);
    },
  );

  it("X-38, X-21: an answer that breaks behind a block is kept as far as it came, and gone on from at once", async () => {
    for (const id of ["r1", "r2", "r3"]) server.take(id, { note: id });
    const db = await officer();
    let left = 1;
    asked = serve(({ said }) => (left-- > 0 ? broken(server.answer(said), 3) : well(said)));
    await exchange(db);
    expect(asked.map(({ said }) => said.cursors)).toMatchObject([[], [{ position: 1, floor: 0 }]]);
    expect(await pulled(db)).toEqual(server.state());
  });

  it("X-21: where not even a block came the sync has failed, and what the head said is kept", async () => {
    const db = await officer(...OUTBOX);
    serve(({ said }) => broken(server.answer(said), 1));
    await expect(exchange(db)).rejects.toMatchObject({ code: "unreachable" });
    expect(await states(db)).toEqual(["one stored", "edit stored", "two stored"]);
  });

  it("X-39: a write that was stored behind a bad answer is not set aside", async () => {
    const db = await officer(ownWrite("one", { note: "1" }));
    asked = serve(({ said }) => {
      const answer = lines(server.answer(said));
      return said.writes?.length > 0 ? Response.json({ code: "bad_request" }, { status: 400 }) : answer;
    });
    await exchange(db);
    expect(await states(db)).toEqual(["one landed"]);
  });

  it("X-11: two tabs at once: what one of them takes the other does not take again", async () => {
    for (const id of ["r1", "r2", "r3"]) server.take(id, { note: id });
    const db = await officer(...OUTBOX);
    await Promise.all([atLast(db), atLast(db)]);
    await atLast(db);
    expect([...server.stored].sort()).toEqual(["edit", "one", "r1", "r2", "r3", "two"]);
    expect(await pulled(db)).toEqual(server.state());
    expect(new Set(await states(db))).toEqual(new Set(["one landed", "edit landed", "two landed"]));
  });

  it("V-5: an app that is too old hears so, hands in, and keeps its cursors and records", async () => {
    server.take("r1", { note: "x" });
    const db = await officer();
    await exchange(db);
    const cursors = await db.getAll("cursors");
    await wrote(db, ownWrite("one", { note: "1" }));
    server.minimum_app = 99;
    serve(({ said }) => {
      const [head] = server.answer(said);
      const [{ position, tag, floor }] = said.cursors;
      return lines([
        head ?? {},
        { cursors: [{ unit: "u", campaign: "c", position, tag, floor, reset: false }], more: false },
      ]);
    });
    await exchange(db);
    expect(await meta(db, "outdated")).toBe(true);
    expect(await states(db)).toEqual(["one stored"]);
    expect(await db.getAll("cursors")).toEqual(cursors);
    expect(await db.get("records", "r1")).toBeDefined();
  });

  it("X-45: each request says what stays on the phone, and the last one that nothing does", async () => {
    const db = await officer(...OUTBOX);
    server.refuses["two"] = "malformed";
    await exchange(db);
    await exchange(db);
    expect(asked.map(({ said }) => said.held)).toEqual([
      { writes: 0, photos: 0, bytes: 0 },
      { writes: 1, photos: 0, bytes: 0 },
    ]);
  });
});

describe("a whole run (X-25, X-24)", () => {
  const MANY = 100;
  const HELD = { unit: "u", campaign: "c", position: 1, tag: "t", floor: 1 };
  const TOLD = { ...HELD, reset: false, sealed: null, closed: null };
  let asked: readonly Asked[];

  /** Answers by path; the exchange is always well. */
  function server(answers: Readonly<Record<string, (asked: Asked) => Response>>): void {
    asked = serve((one) => (answers[one.path.replace(/\/.*/, "")] ?? well)(one));
  }

  function well({ said }: Asked, more: object = {}): Response {
    const results = said.writes?.map(({ id }: { id: string }) => ({
      id,
      result: "stored",
      position: 1,
      number: "",
    }));
    const head = {
      results: results ?? [],
      photos: [],
      catalog: "new",
      server_time: 1,
      minimum_app: 1,
      ...more,
    };
    return lines([head, { cursors: [TOLD], more: false }]);
  }

  const taken = () => new Response(null, { status: 201, headers: { "Upload-Offset": "4" } });

  /** What was asked, in its order. */
  function log(): string[] {
    return asked.map(({ method, path }) => `${method} ${path.replace(/\/.*/, "")}`);
  }

  function count(what: string): number {
    return log().filter((one) => one === what).length;
  }

  const PHOTO = { state: "waiting", size_bytes: 4, sent_bytes: 0, stream: "u c" };

  /** So many photos wait, of writes that are stored. */
  async function waiting(photos: number) {
    const held = Array.from({ length: photos }, (_, nth) => new Uint8Array([nth, 1, 2, 3]).buffer);
    const rows = await Promise.all(
      held.map(async (bytes, nth) => ({ sha256: await hashOf(bytes), bytes, record: `r${nth}` })),
    );
    return phone({
      cursors: [HELD],
      writes: rows.map(({ record, sha256 }) =>
        ownWrite(record, { [`photos/${record}`]: { sha256 } }, { state: "landed", position: 1 }),
      ),
      uploads: rows.map(({ sha256, record }) => ({
        ...{ ...PHOTO, sha256, record, field: `photos/${record}`, role: "full" },
      })),
      bytes: Object.fromEntries(rows.map(({ sha256, bytes }) => [sha256, bytes])),
      meta: { catalog: { ...CATALOG, etag: "old" } },
    });
  }

  beforeEach(() => {
    newPage();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it.each([503, 429])("a server that says %i to a photo is asked for no other", async (status) => {
    const db = await waiting(MANY);
    server({ uploads: () => new Response(null, { status, headers: { "Retry-After": "45" } }), catalog });
    const failed = new Tab(true).sync(db);
    await expect(failed).rejects.toBeInstanceOf(Problem);
    await expect(failed).rejects.toMatchObject({ status, rest: 45_000 });
    expect(count("POST uploads")).toBe(1);
    expect(await db.getAll("uploads", "state", "waiting")).toHaveLength(MANY);
  });

  it("X-46: on a full phone the photos of what the server has stored go too, and then it is said that there is no room", async () => {
    const db = await waiting(2);
    for (const row of await db.getAll("writes"))
      await db.put("writes", { ...row, state: "pending", position: undefined });
    server({ uploads: taken, catalog });
    noRoom();
    const failed = await new Tab(true).sync(db).catch((error: unknown) => error);
    expect(isFull(failed)).toBe(true);
    expect(count("POST uploads")).toBe(2);
    // The text once, however many photos went after it.
    expect(asked.filter(({ said }) => said?.writes)).toHaveLength(1);
    vi.restoreAllMocks();
    await new Tab(true).sync(db);
    expect(await db.getAll("uploads", "state", "sent")).toHaveLength(2);
  });

  //
  it("a photo that the server fails on stops no other (G6)", async () => {
    const db = await waiting(3);
    let first = true;
    server({
      uploads: () => {
        const answer = first ? new Response(null, { status: 500 }) : taken();
        first = false;
        return answer;
      },
      catalog,
    });
    await new Tab(true).sync(db);
    expect(count("POST uploads")).toBe(3);
    expect(await db.getAll("uploads", "state", "sent")).toHaveLength(2);
  });

  //
  it("a catalogue that fails stops no photo, and is said at the end (G6)", async () => {
    const db = await waiting(3);
    server({ uploads: taken, catalog: () => new Response(null, { status: 500 }) });
    await expect(new Tab(true).sync(db)).rejects.toMatchObject({ status: 500 });
    expect(count("GET catalog")).toBe(1);
    expect(await db.getAll("uploads", "state", "sent")).toHaveLength(3);
  });

  //
  it.each([500, 502, 504, 404, 403])(
    "a push that is answered %i is neither halved nor set aside",
    async (status) => {
      const db = await waiting(0);
      await fill(db, { writes: ["a", "b", "c", "d"].map((id) => ownWrite(id, { note: id })) });
      server({ sync: () => new Response(null, { status }), catalog });
      await expect(new Tab(true).sync(db)).rejects.toMatchObject({ status });
      expect(count("POST sync")).toBe(1);
      expect(await db.getAll("writes", "state", "pending")).toHaveLength(4);
    },
  );

  function catalog(): Response {
    return Response.json({ ...CATALOG, etag: "new" });
  }

  it("P-2: thumbnails go before originals, and what is written meanwhile before the next photo", async () => {
    const db = await waiting(2);
    const rows = await db.getAll("uploads");
    await fill(db, { uploads: rows.map((row, nth) => ({ ...row, role: nth ? "thumb" : "full" })) });
    let first = true;
    const order: string[] = [];
    server({
      uploads: ({ headers }) => {
        order.push(atob((headers.get("Upload-Metadata") ?? "").replace("sha256 ", "")));
        if (first) void db.put("writes", ownWrite("later", { note: "x" }));
        first = false;
        return taken();
      },
      catalog,
    });
    await new Tab(true).sync(db);
    expect(order).toEqual([rows[1]?.sha256, rows[0]?.sha256]);
    expect(log()).toEqual([
      ...["POST sync", "GET catalog", "POST uploads", "POST sync", "POST uploads", "POST sync"],
    ]);
    expect(asked[3]?.said.writes).toMatchObject([{ id: "later" }]);
  });

  it("G6: a write that was answered later, perhaps for weeks, holds up no photo", async () => {
    const db = await waiting(3);
    await fill(db, {
      writes: [ownWrite("later", { note: "x" }, { record: "elsewhere", code: "create_missing" })],
    });
    server({
      sync: (one) => well(one, { results: [{ id: "later", result: "later", code: "create_missing" }] }),
      uploads: taken,
      catalog,
    });
    await new Tab(true).sync(db);
    expect(count("POST uploads")).toBe(3);
    expect(count("POST sync")).toBe(2);
  });

  it("a phone that has no catalogue yet fetches it before anything else", async () => {
    const db = await phone();
    server({ catalog });
    await new Tab(true).sync(db);
    expect(log()[0]).toBe("GET catalog");
    expect(await db.get("meta", "catalog")).toMatchObject({ etag: "new" });
  });
});
