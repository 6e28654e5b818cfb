// What a restored server gets back from a phone, and is told that nobody brings back (SPEC B-18 to B-24).
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { fill, ownWrite } from "../db/phone.testing";
import { type Db, meta, type Noted } from "../db/schema";
import { type Asked, lines, serve, unreached } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { exchange } from "./loop";
import { atLast, officer, pulled, requests, states, wrote } from "./officer.testing";
import { SyncServer } from "./server.testing";

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
async function before(): Promise<Db> {
  const db = await officer(ownWrite("one", { note: "1", "photos/x": { sha256: "h" } }));
  await exchange(db, "t");
  server.take("r1", { note: "x" });
  await exchange(db, "t");
  await wrote(db, ownWrite("two", { note: "2" }));
  await exchange(db, "t");
  server.take("r2", { note: "y" });
  await exchange(db, "t");
  const photo = { record: "one", field: "photos/x", role: "full", state: "verified", verified_at: 1 };
  await fill(db, { uploads: [{ ...photo, sha256: "h" }] });
  asked = serve(({ said }) => well(said));
  return db;
}

it("B-18, B-23: a restored server gets back what this phone wrote, with its first receipt, and is told what it lacks", async () => {
  const db = await before();
  const first = server.time;
  server.time += 1000;
  server.restore(1);
  await exchange(db, "t");
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
  await exchange(db, "t");
  expect(requests(asked)).toEqual(["pull"]);
});

it.each([0, 1, 2, 3])("B-23: a restore is got over whichever answer on the way (%i) is lost", async (nth) => {
  const db = await before();
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
});

it("B-23: a server that is restored once more while it is told what it lacks is told again", async () => {
  server.take("r1", { note: "x" });
  const db = await officer();
  await exchange(db, "t");
  server.restore(0);
  let told = 0;
  asked = serve(({ said }) => {
    if (said.known) told += 1;
    server.time += told === 1 ? 1000 : 0;
    if (told === 1) server.restore(0);
    return well(said);
  });
  await exchange(db, "t");
  expect(requests(asked)).toEqual(["pull", "pull", "known", "pull", "known"]);
  expect(await meta(db, "restored")).toBe(server.restored);
  expect((await meta(db, "named"))?.records).toMatchObject([{ record: "r1", writes: ["r1"] }]);
});

it("B-20: a server that was restored and says nothing is noticed by the cursor that it does not know", async () => {
  const db = await before();
  server.restore(2, false);
  await exchange(db, "t");
  expect(server.stored).toEqual(["one", "r1", "two"]);
  expect(server.named).toMatchObject([{ record: "r2", writes: ["r2"] }]);
  expect(await pulled(db)).toEqual(server.state());
});

it("B-20: an own new record that is pushed into a stream that comes anew, block by block, is there afterwards", async () => {
  server.take("r1", { note: "x" });
  server.take("r2", { note: "y" });
  const db = await officer();
  await exchange(db, "t");
  server.restore(1, false);
  server.take("r3", { note: "z" });
  await wrote(db, ownWrite("mine", { note: "1" }));
  asked = serve(({ said }) => well(said));
  await exchange(db, "t");
  expect(server.stored).toEqual(["r1", "r3", "mine"]);
  expect(await pulled(db)).toEqual(server.state());
  expect(await states(db)).toEqual(["mine landed"]);
  // What this very answer calls stored does not go a second time.
  expect(requests(asked)).toEqual(["push mine", "known"]);
});

it("B-21: a restore between an answer and the news shows by the own write that the news pass by", async () => {
  const db = await before();
  await wrote(db, ownWrite("three", { note: "3" }));
  // It is stored; before its place is told the server falls back behind it.
  serve(({ said }) => lines(server.answer(said), 1));
  await exchange(db, "t").catch(() => undefined);
  expect(await states(db)).toContain("three stored");
  server.restore(4, false);
  asked = serve(({ said }) => well(said));
  await exchange(db, "t");
  expect(server.stored).toContain("three");
  expect(await states(db)).toEqual(["one landed", "two landed", "three landed"]);
  expect(await pulled(db)).toEqual(server.state());
});

it("B-24: at most 500 records are named at once, with 32 of their writes", async () => {
  const db = await officer();
  await exchange(db, "t");
  const writes = Array.from({ length: 40 }, (_, nth) => `w${nth}`);
  const noted = Array.from({ length: 501 }, (_, nth) => ({
    ...{ unit: "u", campaign: "c" },
    record: `x${nth}`,
    number: "",
    writes,
  }));
  await fill(db, { meta: { noted: Object.fromEntries(noted.map((one) => [one.record, one])) } });
  asked = serve(({ said }) => well(said));
  await exchange(db, "t");
  expect(asked.map(({ said }) => said.known?.length)).toEqual([undefined, 500, 1]);
  expect(asked[2]?.said.known[0].writes).toHaveLength(32);
  expect((await meta(db, "named"))?.records).toHaveLength(501);
});
