// Photos on their way (SPEC P-2 to P-6), to a server that keeps what came of each, as tus says.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { ownWrite, phone } from "../db/phone.testing";
import type { Db, UploadRow } from "../db/schema";
import { Problem, waitMs } from "../platform/http";
import { hashOf } from "../platform/ids";
import { type Asked, serve, unreached } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { within } from "./shrink";
import { nextChunk, SMALLEST, upload, uploading, waitingUploads } from "./upload";

const SIZE = 3 * SMALLEST;
let asked: readonly Asked[];
/** What the server has of the photo; and what it says in place of the nth answer. */
let kept: Uint8Array;
let instead: Record<number, (asked: Asked) => Response>;

/** As tus: creation tells what is there and takes bytes with it, each next piece has to begin where that ends. */
function tus(one: Asked): Response {
  const said = instead[asked.length - 1];
  if (said) return said(one);
  const at = one.method === "POST" ? 0 : Number(one.headers.get("Upload-Offset"));
  if (one.method === "PATCH" && at !== kept.length) return problem(409, "offset_mismatch");
  if (at === kept.length) kept = new Uint8Array([...kept, ...one.body]);
  return offsetAt(kept.length);
}

function offsetAt(offset: number | string, status = 204): Response {
  return new Response(null, { status, headers: { "Upload-Offset": String(offset) } });
}

function problem(status: number, code: string): Response {
  return Response.json({ code }, { status });
}

/** What a cut leaves: half of the piece came, no answer did. */
function cut({ body }: Asked): never {
  kept = new Uint8Array([...kept, ...body.slice(0, body.length / 2)]);
  return unreached();
}

async function photo(more: Partial<UploadRow> = {}, write: object = { state: "landed", position: 1 }) {
  const bytes = Uint8Array.from({ length: SIZE }, (_, nth) => nth % 251).buffer;
  const sha256 = await hashOf(bytes);
  const row = {
    ...{ sha256, record: "r", field: "photos/x", role: "full", stream: "u c" },
    ...{ state: "waiting", size_bytes: SIZE, sent_bytes: 0, ...more },
  };
  return phone({
    writes: [ownWrite("r", { "photos/x": { sha256 } }, write)],
    uploads: [row],
    bytes: { [sha256]: bytes },
  });
}

async function row(db: Db): Promise<UploadRow> {
  const [one] = await db.getAll("uploads");
  if (!one) throw new Error("no photo");
  return one;
}

/** Sends it once, and says what became of it. */
async function sent(db: Db): Promise<[unknown, Partial<UploadRow>]> {
  const result = await upload(db, "t", await row(db)).catch((error: unknown) => error);
  const { state, sent_bytes, code } = await row(db);
  return [result, { state, sent_bytes, ...(code && { code }) }];
}

function methods(): string[] {
  return asked.map(({ method, body }) => `${method} ${body.length}`);
}

beforeEach(() => {
  newPage();
  kept = new Uint8Array();
  instead = {};
  asked = serve(tus);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it("P-2: it goes in pieces that grow, and is sent when the server has every byte", async () => {
  const db = await photo();
  expect(await sent(db)).toEqual([true, { state: "sent", sent_bytes: SIZE }]);
  expect(methods()).toEqual([`POST ${SMALLEST}`, `PATCH ${2 * SMALLEST}`]);
  expect(await hashOf(kept.slice().buffer)).toBe((await row(db)).sha256);
  expect(uploading()).toBe(false);
});

it("P-5: after a cut it goes on at the byte that the server has, and no byte before that goes again", async () => {
  const db = await photo();
  instead = { 1: cut };
  expect(await sent(db)).toEqual([expect.any(Problem), { state: "waiting", sent_bytes: SMALLEST }]);
  instead = {};
  expect(await sent(db)).toEqual([true, { state: "sent", sent_bytes: SIZE }]);
  expect(methods().slice(2)).toEqual(["POST 0", `PATCH ${SMALLEST}`]);
  expect(await hashOf(kept.slice().buffer)).toBe((await row(db)).sha256);
});

it("P-6: one that the server has already is sent with one question", async () => {
  const db = await photo({ sent_bytes: 1 });
  instead = { 0: () => offsetAt(SIZE, 201) };
  expect(await sent(db)).toEqual([true, { state: "sent", sent_bytes: SIZE }]);
  expect(methods()).toEqual(["POST 0"]);
});

it.each(["pending", "refused"])("P-3: none goes while the write that says it is %s", async (state) => {
  const db = await photo({}, { state });
  expect(await sent(db)).toEqual([false, { state: "waiting", sent_bytes: 0 }]);
  expect(asked).toHaveLength(0);
});

const HEADERS: [string, Record<string, string>][] = [
  ["missing", {}],
  ["empty", { "Upload-Offset": "" }],
  ["no number", { "Upload-Offset": "NaN" }],
  ["below zero", { "Upload-Offset": "-1" }],
  ["a fraction", { "Upload-Offset": "1.5" }],
  ["of another base", { "Upload-Offset": "0x10" }],
  ["beyond its end", { "Upload-Offset": String(SIZE + 1) }],
];

it.each(HEADERS)(
  "an answer whose offset is %s is no answer: it waits, and is not said to be sent",
  async (_, headers) => {
    for (const nth of [0, 1]) {
      kept = new Uint8Array();
      asked = serve(tus);
      const db = await photo();
      instead = { [nth]: () => new Response("a proxy's page", { status: 200, headers }) };
      expect(await sent(db)).toEqual([false, { state: "waiting", sent_bytes: nth * SMALLEST }]);
      expect(asked).toHaveLength(nth + 1);
    }
  },
);

it("an offset that does not move, or goes back, ends the try: nothing goes round for ever", async () => {
  for (const offset of [SMALLEST, SMALLEST - 1, 0]) {
    kept = new Uint8Array();
    asked = serve(tus);
    const db = await photo();
    instead = { 1: () => offsetAt(offset) };
    expect(await sent(db)).toEqual([false, { state: "waiting", sent_bytes: SMALLEST }]);
    expect(asked).toHaveLength(2);
  }
});

it.each([
  [423, "upload_locked"],
  [404, "not_found"],
  [409, "photo_unannounced"],
  [409, "offset_mismatch"],
  [460, "checksum_mismatch"],
  [500, "internal"],
  [502, "unavailable"],
])("a server that says %i %s says nothing against it: it waits, with what went", async (status, code) => {
  const db = await photo();
  instead = { 1: () => problem(status, code) };
  expect(await sent(db)).toEqual([false, { state: "waiting", sent_bytes: SMALLEST }]);
});

it.each([
  [460, "hash_mismatch"],
  [413, "photo_too_large"],
  [422, "not_an_image"],
  [403, "foreign_unit"],
])("one that is refused, by %i %s, waits for a person with its reason (H-3)", async (status, code) => {
  const db = await photo();
  instead = { 1: () => problem(status, code) };
  expect(await sent(db)).toEqual([true, { state: "refused", sent_bytes: SMALLEST, code }]);
});

it.each([0, 401, 429, 503])(
  "X-25: what the next photo would be answered too (%i) ends the run",
  async (status) => {
    const db = await photo();
    instead = { 0: () => (status ? problem(status, "busy") : unreached()) };
    expect(await sent(db)).toEqual([
      expect.objectContaining({ status }),
      { state: "waiting", sent_bytes: 0 },
    ]);
    expect(uploading()).toBe(false);
  },
);

it("P-4: bytes that are not those that were hashed, or are gone, are not sent: the photo is refused by its code", async () => {
  for (const bytes of [new ArrayBuffer(SIZE), undefined]) {
    const db = await photo();
    const { sha256 } = await row(db);
    if (bytes) await db.put("bytes", bytes, sha256);
    else await db.delete("bytes", sha256);
    expect(await sent(db)).toEqual([true, { state: "refused", sent_bytes: 0, code: "bytes_missing" }]);
    expect(asked).toHaveLength(0);
  }
});

it("one that was taken off its record while it went stays gone", async () => {
  const db = await photo();
  const { sha256, record } = await row(db);
  const going = await row(db);
  instead = {
    0: (one) => {
      void db.delete("uploads", [sha256, record]);
      instead = {};
      return tus(one);
    },
  };
  expect(await upload(db, "t", going)).toBe(true);
  expect(await db.getAll("uploads")).toEqual([]);
});

it("P-2: thumbnails wait before originals, whatever order they were made in", async () => {
  const one = { record: "r", field: "photos/x", state: "waiting" };
  const db = await phone({
    uploads: [
      { ...one, sha256: "a", role: "full" },
      { ...one, sha256: "b", role: "thumb" },
      { ...one, sha256: "c", role: "thumb", state: "sent" },
      { ...one, sha256: "d", role: "thumb" },
    ],
  });
  expect((await waitingUploads(db)).map(({ sha256 }) => sha256)).toEqual(["b", "d", "a"]);
});

it("chunks grow to what passes in eight seconds, at most twofold, and never under 32 kB", () => {
  expect(nextChunk(SMALLEST, 100)).toBe(2 * SMALLEST);
  expect(nextChunk(64_000, 10_000)).toBe(51_200);
  expect(nextChunk(SMALLEST, 60_000)).toBe(SMALLEST);
});

//
it("tries spread out and become rarer, up to ten minutes", () => {
  expect(waitMs(1, 0)).toBe(2_500);
  expect(waitMs(3, 0.5)).toBe(15_000);
  expect(waitMs(50, 0.999)).toBeLessThanOrEqual(600_000);
});

it("a photo is at most 1,600 pixels on its long side and never enlarged", () => {
  expect(within({ width: 4000, height: 3000 }, 1600)).toEqual([1600, 1200]);
  expect(within({ width: 3000, height: 4000 }, 1600)).toEqual([1200, 1600]);
  expect(within({ width: 640, height: 480 }, 1600)).toEqual([640, 480]);
});
