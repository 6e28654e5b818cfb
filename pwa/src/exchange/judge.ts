// What the server said of each write and photo of a request (SPEC, P-8).
import { unpack } from "../core/push";
import { KEPT_MS } from "../db/prune";
import { meta, type Push, type Tx, type WriteRow } from "../db/schema";
import { isStored, keepPhotos } from "../outbox/refused";
import type { Head, Result } from "./protocol";
import { putBack } from "./restored";

/** What an answer says of each write; of those asked for by their places in the push. */
export function resultsOf({ results, asked }: Head, push: Push | undefined): Result[] {
  const kept = unpack(asked?.runs ?? []).map((said, nth) => ({ ...said, id: push?.writes[nth] ?? "" }));
  return [...results, ...kept];
}

/** `push` is the one that the answer is about: it counts as lost no more. */
export async function judgeWrites(tx: Tx, head: Head, push: Push | undefined): Promise<void> {
  if (push && (await meta(tx, "push"))?.id === push.id) await tx.delete("meta", "push");
  for (const said of resultsOf(head, push)) {
    const { id, number, position, code, field } = said;
    const held = await tx.get("writes", id, "id");
    // Discarded meanwhile, or known to be stored already: nothing can follow from this answer.
    if (!held || held.state === "stored" || held.state === "landed") continue;
    await tx.put("writes", { ...held, position, code, field, ...(await fateOf(tx, held, said, head)) });
    await keepPhotos(tx, held.record);
    const record = number && (await tx.get("records", held.record));
    if (record) await tx.put("records", { ...record, number });
  }
}

/** What one result makes of a write. */
async function fateOf(
  tx: Tx,
  held: WriteRow,
  { result, received, code }: Result,
  head: Head,
): Promise<Partial<WriteRow>> {
  const state = result === "later" ? "pending" : result;
  // L-13: when the server says, else now. Of a lost push it says one moment for all; a write put back by a restore is older.
  const asked = head.asked?.received;
  const then = asked === undefined ? head.server_time : Math.min(asked, held.received ?? asked);
  const first = state === "stored" ? (received ?? then) : held.received;
  return { state, received: first, ...(await orphaned(tx, held, head, code)) };
}

/**
 * B-29: the server holds nothing of the edit's record. If this phone has stored writes of it, the server lost them, and they
 * go again. Else the edit waits for other phones, by the server's clock (G5) and from the last restore on, and then for
 * its officer.
 */
async function orphaned(
  tx: Tx,
  held: WriteRow,
  { server_time, restored = 0 }: Head,
  code: string | undefined,
): Promise<Partial<WriteRow>> {
  if (code !== "create_missing") return { orphan_since: undefined };
  const all = await tx.getAll("writes", "record", held.record);
  const own = all.filter(isStored);
  if (own.length > 0) await putBack(tx, own, await tx.getAll("uploads", "record", held.record));
  // Its create waits here, as for a day to come (F-22): nothing is lost.
  if (all.some(({ id, record, state }) => id === record && state === "pending"))
    return { orphan_since: undefined };
  const orphan_since = held.orphan_since ?? server_time;
  const lost = own.length === 0 && server_time - Math.max(orphan_since, restored) > KEPT_MS;
  return { orphan_since, ...(lost && { state: "refused", code: "create_lost" }) };
}

export async function judgePhotos(tx: Tx, { photos, server_time }: Head): Promise<void> {
  for (const { sha256, state, code } of photos) {
    for (const row of await tx.getAll("uploads", "sha256", sha256)) {
      // Only sent ones were asked about. One that waits is the same photo in another stream, where the server lacks it (P-6).
      if (row.state !== "sent") continue;
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
