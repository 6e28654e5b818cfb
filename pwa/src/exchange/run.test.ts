// One run (SPEC) against a server that is asked for by `fetch`, as the app does: what ends it, and what does not.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { inMemory } from "../db/in-memory";
import { hashOf } from "../photos/shrink";
import { Problem } from "../platform/http";
import { everything } from "./run";

const MANY = 100;
const CATALOG = { officer: { id: "o", name: "Cán bộ", mark: "A1" }, units: [], campaigns: [], kinds: [] };
const HELD = { unit: "u", campaign: "c", position: 1, tag: "t", floor: 1 };
const TOLD = { ...HELD, reset: false, sealed: null, closed: null };
let asked: string[];

/** Answers by path; the exchange is always well. */
function server(answers: Readonly<Record<string, () => Response>>): void {
  asked = [];
  vi.stubGlobal("fetch", (url: string, { method = "GET" }: RequestInit) => {
    const path = url.replace("/api/v1/", "").replace(/\/.*/, "");
    asked.push(`${method} ${path}`);
    return Promise.resolve((answers[path] ?? well)());
  });
}

function well(): Response {
  const head = { results: [], photos: [], catalog: "new", server_time: 1, minimum_app: 1 };
  return new Response(`${JSON.stringify(head)}\n${JSON.stringify({ cursors: [TOLD], more: false })}\n`);
}

const taken = () => new Response(null, { status: 201, headers: { "Upload-Offset": "4" } });

function count(what: string): number {
  return asked.filter((one) => one === what).length;
}

/** So many photos wait, of writes that are stored. */
async function waiting(photos: number) {
  const held = Array.from({ length: photos }, (_, nth) => new Uint8Array([nth, 1, 2, 3]).buffer);
  const rows = await Promise.all(
    held.map(async (bytes, nth) => ({ sha256: await hashOf(bytes), bytes, record: `r${nth}` })),
  );
  const db = inMemory({
    cursors: [HELD],
    writes: rows.map(({ record, sha256 }) => ({
      id: record,
      record,
      state: "landed",
      position: 1,
      stream: "u c",
      wire: { id: record, record, at: 1, set: { [`photos/${record}`]: { sha256 } } },
    })),
    uploads: rows.map(({ sha256, record }) => ({
      ...{
        sha256,
        record,
        field: `photos/${record}`,
        role: "full",
        state: "waiting",
        size_bytes: 4,
        sent_bytes: 0,
      },
    })),
  });
  for (const { sha256, bytes } of rows) await db.put("bytes", bytes, sha256);
  await db.put("meta", { ...CATALOG, etag: "old" } as never, "catalog");
  return Object.assign(db, { count: () => Promise.resolve(0), getAllKeys: () => Promise.resolve([]) });
}

beforeEach(() => {
  vi.stubGlobal("IDBKeyRange", { lowerBound: () => "none" });
  vi.stubGlobal("localStorage", { getItem: () => null });
  vi.stubGlobal("navigator", { onLine: true, locks: { request: () => Promise.resolve() } });
});
afterEach(() => {
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
    for (const id of ["a", "b", "c", "d"]) {
      const wire = { id, record: id, at: 1, set: { note: id } };
      await db.put("writes", { id, record: id, state: "pending", stream: "u c", wire } as never);
    }
    server({ sync: () => new Response(null, { status }), catalog });
    await expect(everything(db, "t")).rejects.toMatchObject({ status });
    expect(count("POST sync")).toBe(1);
    expect(await db.getAll("writes", "state", "pending")).toHaveLength(4);
  },
);

function catalog(): Response {
  return Response.json({ ...CATALOG, etag: "new" });
}
