// What becomes of photos whose write the server refused (SPEC H-3), over rows in memory.
import { expect, test as it } from "vitest";
import { inMemory } from "../db/in-memory";
import { judgePhotos, judgeWrites } from "../exchange/judge";
import type { Head } from "../exchange/protocol";
import { retryRefused } from "./refused";

it("a photo that a restore put back waits for a person with its write, not for ever", async () => {
  const wire = { id: "own", at: 1, record: "own", set: { "photos/x": { sha256: "h" } } };
  const tx = inMemory({
    writes: [{ id: "own", record: "own", state: "pending", wire }],
    uploads: [{ sha256: "h", record: "own", field: "photos/x", state: "sent" }],
  });
  const results = [{ id: "own", result: "refused", code: "foreign_unit" }];
  const head = { results, photos: [{ sha256: "h", state: "wanted" }], server_time: 1 } as unknown as Head;
  await judgeWrites(tx, head, undefined);
  await judgePhotos(tx, head);
  expect(await tx.getAll("uploads")).toMatchObject([{ state: "refused", code: "foreign_unit" }]);
});

const DAY_MS = 86_400_000;

//
it("X-5: an edit whose creation nobody brings waits 30 days of the server's time, then for its officer", async () => {
  const wire = { id: "edit", at: 1, record: "other", set: { note: "x" } };
  const tx = inMemory({ writes: [{ id: "edit", record: "other", state: "pending", wire }] });
  const judged = async (day: number, more: Partial<Head> = {}) => {
    const results = [{ id: "edit", result: "later", code: "create_missing" }] as const;
    await judgeWrites(
      tx,
      { results, photos: [], server_time: day * DAY_MS, ...more } as unknown as Head,
      undefined,
    );
    const { state, code } = (await tx.get("writes", "edit", "id")) ?? {};
    return [state, code];
  };
  expect(await judged(100)).toEqual(["pending", "create_missing"]);
  expect(await judged(130)).toEqual(["pending", "create_missing"]);
  expect(await judged(131, { restored: 120 * DAY_MS })).toEqual(["pending", "create_missing"]);
  expect(await judged(151, { restored: 120 * DAY_MS })).toEqual(["refused", "create_lost"]);
  await retryRefused(tx, "other");
  expect(await judged(152)).toEqual(["refused", "create_lost"]);
});

it("X-5: what this phone had stored of a record that the server lacks goes again", async () => {
  const wire = { id: "own", at: 1, record: "own", set: { note: "x" } };
  const edit = { id: "edit", at: 2, record: "own", set: { note: "y" }, seen: ["own"] };
  const tx = inMemory({
    writes: [
      { id: "own", record: "own", kind: "banner", stream: "u c", state: "landed", position: 3, wire },
      { id: "edit", record: "own", state: "pending", wire: edit },
    ],
  });
  const results = [{ id: "edit", result: "later", code: "create_missing" }];
  await judgeWrites(tx, { results, photos: [], server_time: 90 * DAY_MS } as unknown as Head, undefined);
  expect(await tx.getAll("writes", "state", "pending")).toMatchObject([{ id: "own" }, { id: "edit" }]);
});
