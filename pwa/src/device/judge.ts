// What the hub said of each write and photo of a request (SPEC X-2, P-8).
import type { Tx } from "./db";
import type { Reply } from "./protocol";

export async function judgeWrites(tx: Tx, { results }: Reply): Promise<void> {
  for (const { id, result, number, ...said } of results) {
    const held = await tx.get("writes", id, "id");
    // Discarded meanwhile, or known to be stored already: nothing can follow from this answer.
    if (!held || held.state === "stored" || held.state === "landed") continue;
    const state = result === "later" ? "pending" : result;
    await tx.put("writes", { ...held, code: undefined, field: undefined, ...said, state });
    const record = number && (await tx.get("records", held.record));
    if (record) await tx.put("records", { ...record, number });
  }
}

export async function judgePhotos(tx: Tx, { photos, server_time }: Reply): Promise<void> {
  for (const { sha256, state, code } of photos) {
    for (const row of await tx.getAll("uploads", "sha256", sha256)) {
      await tx.put("uploads", {
        ...row,
        state: state === "wanted" ? "waiting" : state,
        code,
        sent_bytes: 0,
        verified_at: state === "verified" ? server_time : undefined,
      });
    }
  }
}
