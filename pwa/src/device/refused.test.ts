// What becomes of photos whose write the hub refused (SPEC H-3), over rows in memory.
import { expect, test as it } from "vitest";
import { inMemory } from "./in-memory";
import { judgePhotos, judgeWrites } from "./judge";
import type { Head } from "./protocol";

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
