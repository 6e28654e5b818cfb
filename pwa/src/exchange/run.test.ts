// One run (SPEC) against a server that is asked for by `fetch`, as the app does: what ends it, and what does not.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { isFull } from "../db/open";
import { CATALOG, fill, noRoom, ownWrite, phone } from "../db/phone.testing";
import { Problem } from "../platform/http";
import { hashOf } from "../platform/ids";
import { type Asked, lines, serve } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { everything } from "./run";

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
  const failed = everything(db, "t");
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
  const failed = await everything(db, "t").catch((error: unknown) => error);
  expect(isFull(failed)).toBe(true);
  expect(count("POST uploads")).toBe(2);
  // The text once, however many photos went after it.
  expect(asked.filter(({ said }) => said?.writes)).toHaveLength(1);
  vi.restoreAllMocks();
  await everything(db, "t");
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
  await everything(db, "t");
  expect(count("POST uploads")).toBe(3);
  expect(await db.getAll("uploads", "state", "sent")).toHaveLength(2);
});

//
it("a catalogue that fails stops no photo, and is told at the end (G6)", async () => {
  const db = await waiting(3);
  server({ uploads: taken, catalog: () => new Response(null, { status: 500 }) });
  await expect(everything(db, "t")).rejects.toMatchObject({ status: 500 });
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
    await expect(everything(db, "t")).rejects.toMatchObject({ status });
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
  await everything(db, "t");
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
  await everything(db, "t");
  expect(count("POST uploads")).toBe(3);
  expect(count("POST sync")).toBe(2);
});

it("a phone that has no catalogue yet fetches it before anything else", async () => {
  const db = await phone();
  server({ catalog });
  await everything(db, "t");
  expect(log()[0]).toBe("GET catalog");
  expect(await db.get("meta", "catalog")).toMatchObject({ etag: "new" });
});
