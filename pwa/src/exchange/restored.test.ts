// A server that was restored (SPEC B-2 to B-25).

import { afterEach, beforeEach, describe, expect, test as it, vi } from "vitest";
import type { Head, Noted, Request } from "../core/protocol";
import { fill, ownWrite, phone } from "../db/phone.testing";
import { type Db, meta } from "../db/schema";
import { type Asked, lines, serve, unreached } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { takeHead } from "./driver";
import { atLast, exchange, officer, pulled, requests, states, wrote } from "./officer.testing";
import { lackingNow, markNamed } from "./restored";
import { SyncServer } from "./server.testing";

describe("what is taken of an answer, and named", () => {
  const DAY = 86_400_000;
  const CURSOR = { unit: "u", campaign: "c", position: 4, tag: "t", floor: 4 };
  const WRITE = { id: "own", record: "r", kind: "banner", stream: "u c", state: "pending" };
  const WIRE = { id: "own", at: 1, record: "r", set: { quantity: 1 } };

  function holding(): Promise<Db> {
    return phone({ cursors: [CURSOR], writes: [{ ...WRITE, wire: WIRE }] });
  }

  function head(more: Partial<Head> = {}): Head {
    const results = [{ id: "own", result: "stored", position: 2, number: "BR-1" }] as const;
    return { results, photos: [], catalog: "", server_time: 40 * DAY, minimum_app: 1, ...more };
  }

  const ASKED: Request = { app: 2, cursors: [CURSOR], push: "p" };

  async function state(db: Db): Promise<unknown> {
    return (await db.getAll("writes"))[0]?.state;
  }

  it("an answer is taken while the phone is as it was when it asked", async () => {
    const db = await holding();
    expect(await takeHead(db, { head: head(), asked: ASKED, push: undefined })).toBe(true);
    expect(await state(db)).toBe("stored");
  });

  it("of an answer from before a restore that it knows of since, not even the results (X-11)", async () => {
    const db = await holding();
    await db.put("meta", 5, "restored");
    expect(await takeHead(db, { head: head(), asked: ASKED, push: undefined })).toBe(undefined);
    expect(await state(db)).toBe("pending");
  });

  it("nor of one to cursors that another tab has moved; the push is still to be asked for", async () => {
    const db = await holding();
    await db.put("meta", { id: "p", writes: ["own"] }, "push");
    await db.put("cursors", { ...CURSOR, position: 5, sealed: null, closed: null });
    expect(await takeHead(db, { head: head(), asked: ASKED, push: undefined })).toBe(undefined);
    expect(await state(db)).toBe("pending");
    expect(await db.get("meta", "push")).toMatchObject({ id: "p" });
  });

  // B-18.
  it("brings back where the server knows of no restore any more, for it was put back to before it (B-2)", async () => {
    const db = await holding();
    await db.put("meta", 5, "restored");
    await db.put("writes", { ...(await db.getAll("writes"))[0], state: "landed" } as never);
    expect(
      await takeHead(db, { head: head({ results: [] }), asked: { ...ASKED, restored: 5 }, push: undefined }),
    ).toBe(false);
    expect(await state(db)).toBe("pending");
    expect(await db.get("meta", "restored")).toBe(undefined);
    expect(await db.getAll("cursors")).toEqual([]);
  });

  // B-25.
  it.each([
    [29, ["gone"]],
    [31, []],
  ])("names what it named before again after another restore, for 30 days: after %i", async (days, again) => {
    const db = await holding();
    await db.put("meta", (40 - days) * DAY, "exchanged_at");
    const gone = { record: "x", unit: "u", campaign: "c", number: "BR-9", writes: ["gone"] };
    await db.put("meta", { x: gone }, "noted");
    await markNamed(db, await lackingNow(db), new Set(["x"]));
    expect(await lackingNow(db)).toEqual([]);
    await db.put("meta", 40 * DAY, "exchanged_at");
    await takeHead(db, { head: head({ restored: 7, results: [] }), asked: ASKED, push: undefined });
    expect((await lackingNow(db)).flatMap(({ writes }) => writes)).toEqual(again);
  });

  // B-25, B-33.
  it.each([
    [29, ["old", "new"], ["untaken", "new"]],
    [31, ["new"], ["new"]],
  ])(
    "what was named before stays beside what is named now, for 30 days: after %i",
    async (days, kept, lacking) => {
      const about = { unit: "u", campaign: "c", number: "" };
      const old = { ...about, record: "x", writes: ["old"] };
      const untaken = { ...about, record: "z", writes: ["untaken"] };
      const db = await phone({
        meta: {
          exchanged_at: 40 * DAY,
          named: { at: (40 - days) * DAY, records: [old, untaken], rest: [untaken] },
          noted: { y: { ...about, record: "y", writes: ["new"] } },
        },
      });
      const known = await lackingNow(db);
      expect(known.flatMap(({ writes }) => writes).sort()).toEqual([...lacking].sort());
      await markNamed(db, known, new Set());
      const named = await meta(db, "named");
      expect(named?.rest?.flatMap(({ writes }) => writes).sort()).toEqual([...lacking].sort());
      const all = named?.records.flatMap(({ writes }) => writes) ?? [];
      expect(new Set(all)).toEqual(new Set([...kept, ...lacking]));
      expect(new Set(named?.records.map(({ record }) => record)).size, "one entry each").toBe(all.length);
    },
  );

  it("X-23, B-23: a replaced phone notes what it held of others, where the answer tells of a restore too", async () => {
    const base = { note: [{ id: "theirs", at: 1, by: "", value: "x" }] };
    const db = await phone({ cursors: [CURSOR], records: [{ record: "r", number: "BR-9", base }] });
    const answered = head({ restored: 7, replaced: true, results: [] });
    await takeHead(db, { head: answered, asked: ASKED, push: undefined });
    expect(await lackingNow(db)).toMatchObject([{ record: "r", number: "BR-9", writes: ["theirs"] }]);
  });

  it("B-18: what the answer that tells of a restore calls stored or verified does not go again", async () => {
    const kept = { record: "other", role: "full", stream: "u c", size_bytes: 4, sent_bytes: 0 };
    const db = await phone({
      cursors: [CURSOR],
      writes: [{ ...WRITE, wire: WIRE }],
      uploads: ["there", "gone"].map((sha256) => ({ ...kept, field: sha256, sha256, state: "sent" })),
    });
    const photos = [
      { sha256: "there", state: "verified" },
      { sha256: "gone", state: "wanted" },
    ] as const;
    await takeHead(db, { head: head({ restored: 7, photos: [...photos] }), asked: ASKED, push: undefined });
    expect(await state(db)).toBe("stored");
    const held = (await db.getAll("uploads")).map((photo) => `${photo.sha256} ${photo.state}`);
    expect(held.sort()).toEqual(["gone waiting", "there verified"]);
  });

  it("B-19, L-15: all that is kept goes again in the order it was made, before what waits, with its first receipt", async () => {
    const side = { note: [{ id: "landed", at: 1, by: "", value: "" }] };
    const db = await phone({
      records: [{ record: "landed", base: side }],
      writes: [
        ownWrite("landed", { note: "" }, { state: "landed", position: 3, received: 30 }),
        ownWrite("stored", { note: "" }, { state: "stored", position: 4 }),
        ownWrite("refused", { note: "" }, { state: "refused", code: "archived" }),
        ownWrite("left", { note: "" }, { state: "landed", position: 9, stream: "v c" }),
        ownWrite("waits", { note: "" }),
      ],
      uploads: ["verified", "waiting"].map((state) => ({
        sha256: state,
        record: "landed",
        field: "f",
        state,
      })),
    });
    const asked = { app: 3, cursors: [] };
    await takeHead(db, { head: head({ restored: 7, results: [] }), asked, push: undefined });
    const outbox = await db.getAll("writes", "state", "pending");
    expect(outbox.map(({ id, received }) => [id, received])).toEqual([
      ["landed", 30],
      ["stored", 1],
      ["left", 1],
      ["waits", undefined],
    ]);
    const photos = await db.getAll("uploads");
    expect(photos.map(({ sha256, state }) => `${sha256} ${state}`)).toEqual([
      "verified sent",
      "waiting waiting",
    ]);
    // L-26: of a stream that was left nothing was shown; now it is, until the server has it.
    expect(await db.get("records", "left")).toMatchObject({ unit: "v", view: { delivery: "on_phone" } });
  });

  it("B-23: of what was noted is named what no pulled record has and nothing that waits will bring", async () => {
    const noted = { unit: "u", campaign: "c", number: "" };
    const db = await phone({
      records: [{ record: "r", base: { note: [{ id: "there", at: 1, by: "", value: "" }] } }],
      writes: [ownWrite("waits", { note: "" })],
      meta: {
        noted: {
          r: { ...noted, record: "r", writes: ["there", "gone"] },
          waits: { ...noted, record: "waits", writes: ["waits"] },
          away: { ...noted, record: "away", writes: ["a", "b"] },
        },
      },
    });
    expect((await lackingNow(db)).map(({ record, writes }) => [record, writes])).toEqual([
      ["r", ["gone"]],
      ["away", ["a", "b"]],
    ]);
  });
});

describe("a restore, from its first answer to the last thing named", () => {
  let server: SyncServer;
  let asked: readonly Asked[];

  const well = (said: object) => lines(server.answer(said));

  beforeEach(() => {
    newPage();
    server = new SyncServer();
    asked = serve(({ said }) => well(said));
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  /** Synced: own writes at 1 and 3, of others one at 2 and one at 4; the photo of the first is verified. */
  async function synced(): Promise<Db> {
    const db = await officer(ownWrite("one", { note: "1", "photos/x": { sha256: "h" } }));
    await exchange(db);
    server.take("r1", { note: "x" });
    await exchange(db);
    await wrote(db, ownWrite("two", { note: "2" }));
    await exchange(db);
    server.take("r2", { note: "y" });
    await exchange(db);
    const photo = { record: "one", field: "photos/x", role: "full", state: "verified", verified_at: 1 };
    await fill(db, { uploads: [{ ...photo, sha256: "h" }] });
    asked = serve(({ said }) => well(said));
    return db;
  }

  it("B-18, B-23: a restored server gets back what this phone wrote, with its first receipt, and hears what it lacks", async () => {
    const db = await synced();
    const first = server.time;
    server.time += 1000;
    server.restore(1);
    await exchange(db);
    expect(requests(asked)).toEqual(["pull", "push one two", "known"]);
    expect(asked[1]?.said).toMatchObject({ restored: server.restored, cursors: [], photos: ["h"] });
    expect(asked[1]?.said.writes).toMatchObject([
      { id: "one", received: first },
      { id: "two", received: first },
    ]);
    expect(server.stored).toEqual(["one", "two"]);
    expect(server.named).toMatchObject([
      { record: "r1", writes: ["r1"], number: "BR-2" },
      { record: "r2", writes: ["r2"], number: "BR-4" },
    ]);
    expect(await pulled(db)).toEqual(server.state());
    expect(await states(db)).toEqual(["one landed", "two landed"]);
    expect(await db.getAll("uploads")).toMatchObject([{ state: "waiting", sent_bytes: 0 }]);
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(requests(asked)).toEqual(["pull"]);
  });

  it.each([0, 1, 2, 3])(
    "B-23: a restore is got over whichever answer on the way (%i) is lost",
    async (nth) => {
      const db = await synced();
      server.time += 1000;
      server.restore(1);
      let left = nth;
      serve(({ said }) => {
        left -= 1;
        const answer = lines(server.answer(said));
        return left === -1 ? unreached() : answer;
      });
      await atLast(db);
      expect(server.stored).toEqual(["one", "two"]);
      expect(new Set(server.named.map(({ record }: Noted) => record))).toEqual(new Set(["r1", "r2"]));
      expect(await pulled(db)).toEqual(server.state());
      expect(await meta(db, "noted")).toBeUndefined();
    },
  );

  it("B-23: a server that is restored once more while what it lacks is named hears it again", async () => {
    server.take("r1", { note: "x" });
    const db = await officer();
    await exchange(db);
    server.restore(0);
    let named = 0;
    asked = serve(({ said }) => {
      if (said.known) named += 1;
      server.time += named === 1 ? 1000 : 0;
      if (named === 1) server.restore(0);
      return well(said);
    });
    await exchange(db);
    expect(requests(asked)).toEqual(["pull", "pull", "known", "pull", "known"]);
    expect(await meta(db, "restored")).toBe(server.restored);
    expect((await meta(db, "named"))?.records).toMatchObject([{ record: "r1", writes: ["r1"] }]);
  });

  it("B-20: a server that was restored and says nothing is noticed by the cursor that it does not know", async () => {
    const db = await synced();
    server.restore(2, false);
    await exchange(db);
    expect(server.stored).toEqual(["one", "r1", "two"]);
    expect(server.named).toMatchObject([{ record: "r2", writes: ["r2"] }]);
    expect(await pulled(db)).toEqual(server.state());
  });

  it("B-20: an own new record that is pushed into a stream that comes anew, block by block, is there afterwards", async () => {
    server.take("r1", { note: "x" });
    server.take("r2", { note: "y" });
    const db = await officer();
    await exchange(db);
    server.restore(1, false);
    server.take("r3", { note: "z" });
    await wrote(db, ownWrite("mine", { note: "1" }));
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(server.stored).toEqual(["r1", "r3", "mine"]);
    expect(await pulled(db)).toEqual(server.state());
    expect(await states(db)).toEqual(["mine landed"]);
    // What this very answer calls stored does not go a second time.
    expect(requests(asked)).toEqual(["push mine", "known"]);
  });

  it("B-31: a restore between an answer and its changes shows by the mark, where the cursor tells nothing", async () => {
    server.marked = true;
    const db = await synced();
    await wrote(db, ownWrite("three", { note: "3" }));
    // It is stored; before its place is sent the server falls back behind it.
    serve(({ said }) => lines(server.answer(said), 1));
    await exchange(db).catch(() => undefined);
    expect(await states(db)).toContain("three stored");
    server.restore(4, false);
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(server.stored).toContain("three");
    expect(await states(db)).toEqual(["one landed", "two landed", "three landed"]);
    expect(await pulled(db)).toEqual(server.state());
  });

  it("B-31: a mark that the server lacks shows a restore of which no cursor tells; the last one is sent back", async () => {
    const db = await synced();
    server.marked = true;
    server.take("r3", { note: "z" });
    await exchange(db);
    const mark = await meta(db, "mark");
    expect(mark).toBeDefined();
    server.restore(2, false);
    server.take("r4", { note: "w" });
    // As where its officer was moved: nothing was pulled of this stream.
    for (const row of await db.getAll("records")) await db.delete("records", row.record);
    for (const { unit, campaign } of await db.getAll("cursors")) await db.delete("cursors", [unit, campaign]);
    server.time += 1000;
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(asked[0]?.said.mark).toBe(mark);
    expect(await meta(db, "restored")).toBe(server.time);
    expect(await meta(db, "mark")).not.toBe(mark);
    expect(asked.at(-1)?.said.mark).toBeDefined();
    expect(asked.at(-1)?.said.mark).not.toBe(mark);
    expect(server.stored).toEqual(["one", "r1", "r4", "two"]);
  });

  it("B-24: at most 500 records are named at once, with 32 of their writes", async () => {
    const db = await officer();
    await exchange(db);
    const writes = Array.from({ length: 40 }, (_, nth) => `w${nth}`);
    const noted = Array.from({ length: 501 }, (_, nth) => ({
      ...{ unit: "u", campaign: "c" },
      record: `x${nth}`,
      number: "",
      writes,
    }));
    await fill(db, { meta: { noted: Object.fromEntries(noted.map((one) => [one.record, one])) } });
    asked = serve(({ said }) => well(said));
    await exchange(db);
    expect(asked.map(({ said }) => said.known?.length)).toEqual([undefined, 500, 1]);
    expect(asked[2]?.said.known[0].writes).toHaveLength(32);
    expect((await meta(db, "named"))?.records).toHaveLength(501);
  });
});
