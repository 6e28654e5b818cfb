// What the hub said of each write and photo of a request (SPEC X-2, P-8).
import { unpack } from "../sync/runs";
import { meta, type Tx } from "./db";
import type { Head, Result } from "./protocol";
import { keepPhotos } from "./refused";

/** `push` is the one that the answer is about: from here on it is lost no more. */
export async function judgeWrites(tx: Tx, head: Head, push: string | undefined): Promise<void> {
  const lost = await meta(tx, "push");
  const open = lost?.id === push ? lost : undefined;
  if (open) await tx.delete("meta", "push");
  const told: Result[] = unpack(head.asked?.runs ?? []).map((said, nth) => ({
    ...said,
    id: open?.writes[nth] ?? "",
  }));
  for (const { id, result, number, position, code, field } of [...head.results, ...told]) {
    const held = await tx.get("writes", id, "id");
    // Discarded meanwhile, or known to be stored already: nothing can follow from this answer.
    if (!held || held.state === "stored" || held.state === "landed") continue;
    const state = result === "later" ? "pending" : result;
    await tx.put("writes", { ...held, position, code, field, state });
    await keepPhotos(tx, held.record);
    const record = number && (await tx.get("records", held.record));
    if (record) await tx.put("records", { ...record, number });
  }
}

export async function judgePhotos(tx: Tx, { photos, server_time }: Head): Promise<void> {
  for (const { sha256, state, code } of photos) {
    for (const row of await tx.getAll("uploads", "sha256", sha256)) {
      // Asked for was what had been sent. The same photo that still waits is of another stream: the hub lacks it there (P-6).
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
