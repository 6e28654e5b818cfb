// What the server says of each write and photo (SPEC, P-8, L-29).
import { expect, test as it } from "vitest";
import { ownWrite, phone } from "../db/phone.testing";
import { amend } from "../db/records";
import { type Db, meta, type Push, type WriteRow } from "../db/schema";
import { judgePhotos, judgeWrites } from "./judge";
import type { Head } from "./protocol";

const NOW = 5_000;

async function judged(db: Db, head: Partial<Head>, push?: Push): Promise<WriteRow[]> {
  const whole = { results: [], photos: [], catalog: "", server_time: NOW, minimum_app: 1, ...head };
  await amend(db, async (tx) => {
    await judgeWrites(tx, whole, push);
    await judgePhotos(tx, whole);
  });
  return db.getAll("writes");
}

it("X-2: each write has a fate of its own; one that is later keeps its reason, and its place in the outbox", async () => {
  const db = await phone({ writes: ["a", "b", "c", "d"].map((id) => ownWrite(id, { note: id })) });
  const results = [
    { id: "a", result: "stored", position: 3, number: "BR-1" },
    { id: "b", result: "refused", code: "too_long", field: "note" },
    { id: "c", result: "later", code: "internal" },
  ] as const;
  expect(await judged(db, { results })).toMatchObject([
    { id: "a", state: "stored", position: 3, received: NOW },
    { id: "b", state: "refused", code: "too_long", field: "note" },
    { id: "c", state: "pending", code: "internal" },
    { id: "d", state: "pending" },
  ]);
});

it("X-16: the results of a lost push are its writes' by their places, runs told once, and it is lost no more", async () => {
  const db = await phone({
    writes: ["a", "b", "c"].map((id) => ownWrite(id, { note: id })),
    records: ["a", "b", "c"].map((record) => ({ record })),
    meta: { push: { id: "p", writes: ["b", "a", "c"] } },
  });
  const runs = [
    { count: 2, result: "stored", position: 8, number: "BR-17", step: 2 },
    { count: 1, result: "refused", code: "archived" },
  ] as const;
  await judged(
    db,
    { asked: { push: "p", known: true, runs, received: 4_000 } },
    { id: "p", writes: ["b", "a", "c"] },
  );
  expect(await db.getAll("writes")).toMatchObject([
    { id: "a", position: 9, received: 4_000 },
    { id: "b", position: 8, received: 4_000 },
    { id: "c", state: "refused", code: "archived" },
  ]);
  expect((await db.getAll("records")).map(({ number }) => number)).toEqual(["BR-19", "BR-17", ""]);
  expect(await meta(db, "push")).toBeUndefined();
});

it("X-16: an answer to another push says nothing of the one that is lost", async () => {
  const db = await phone({ writes: [ownWrite("a", {})], meta: { push: { id: "p", writes: ["a"] } } });
  const runs = [{ count: 1, result: "stored", position: 8, number: "BR-1" }] as const;
  const rows = await judged(
    db,
    { asked: { push: "other", known: true, runs } },
    { id: "other", writes: ["b"] },
  );
  expect(rows).toMatchObject([{ state: "pending" }]);
  expect(await meta(db, "push")).toMatchObject({ id: "p" });
});

it("what is stored, or was discarded meanwhile, is not judged again by an older answer", async () => {
  const stored = { state: "landed", position: 3 } as const;
  const db = await phone({ writes: [ownWrite("a", {}, stored)] });
  const results = [
    { id: "a", result: "refused", code: "archived" },
    { id: "gone", result: "stored", position: 9, number: "BR-9" },
  ] as const;
  expect(await judged(db, { results })).toMatchObject([{ id: "a", ...stored }]);
});

it("L-29: the moment of first receipt is what the server says of it, of a push that was put back the earlier one", async () => {
  const db = await phone({
    writes: [ownWrite("a", {}), ownWrite("b", {}, { received: 1_000 })],
    meta: { push: { id: "p", writes: ["b"] } },
  });
  const results = [{ id: "a", result: "stored", position: 3, number: "", received: 2_000 }] as const;
  const runs = [{ count: 1, result: "stored", position: 4, number: "" }] as const;
  await judged(
    db,
    { results, asked: { push: "p", known: true, runs, received: 3_000 } },
    { id: "p", writes: ["b"] },
  );
  expect((await db.getAll("writes")).map(({ received }) => received)).toEqual([2_000, 1_000]);
});

it("P-8, P-6: a sent photo is verified, wanted again from its first byte, or refused; one that waits elsewhere is not told", async () => {
  const photo = { field: "photos/x", role: "full", state: "sent", sent_bytes: 4 };
  const db = await phone({
    writes: [ownWrite("r", { "photos/x": { sha256: "h" } }, { state: "landed", position: 1 })],
    uploads: [
      ...["verified", "wanted", "refused"].map((sha256) => ({ ...photo, sha256, record: "r" })),
      { ...photo, sha256: "verified", record: "other", state: "waiting", sent_bytes: 2 },
    ],
  });
  await judged(db, {
    photos: [
      { sha256: "verified", state: "verified" },
      { sha256: "wanted", state: "wanted" },
      { sha256: "refused", state: "refused", code: "not_an_image" },
    ],
  });
  expect(await db.getAll("uploads")).toMatchObject([
    { sha256: "refused", state: "refused", code: "not_an_image" },
    { sha256: "verified", record: "other", state: "waiting", sent_bytes: 2 },
    { sha256: "verified", record: "r", state: "verified", verified_at: NOW },
    { sha256: "wanted", state: "waiting", sent_bytes: 0 },
  ]);
});
