// What the hub said of each write and photo of a request (SPEC X-2, P-8).
import type { Tx, UploadRow } from "./db";
import type { Reply } from "./protocol";

export async function judgeWrites(tx: Tx, reply: Reply, touched: Set<string>): Promise<void> {
  const store = tx.objectStore("writes");
  for (const result of reply.results) {
    const held = await store.index("id").get(result.id);
    // Discarded meanwhile, or known to be stored already: nothing can follow from this answer.
    if (!held || held.state === "stored" || held.state === "landed") continue;
    const { code: _code, field: _field, ...row } = held;
    touched.add(row.record);
    if (result.result === "later") {
      await store.put({ ...row, state: "pending", code: result.code });
    } else if (result.result === "refused") {
      await store.put({
        ...row,
        state: "refused",
        code: result.code,
        ...(result.field && { field: result.field }),
      });
    } else {
      await store.put({ ...row, state: "stored", position: result.position, stored_at: reply.server_time });
      const record = await tx.objectStore("records").get(row.record);
      if (record) await tx.objectStore("records").put({ ...record, number: result.number });
    }
  }
}

export async function judgePhotos(tx: Tx, reply: Reply, touched: Set<string>): Promise<void> {
  for (const { sha256, state, code } of reply.photos) {
    for (const row of await tx.objectStore("uploads").index("sha256").getAll(sha256)) {
      await tx.objectStore("uploads").put(judged(row, state, code, reply.server_time));
      touched.add(row.record);
    }
  }
}

function judged(row: UploadRow, state: string, code: string | undefined, at: number): UploadRow {
  if (state === "verified") return { ...row, state, sent_bytes: row.size_bytes, verified_at: at };
  if (state === "refused") return { ...row, state, code: code ?? "not_an_image" };
  return { ...row, state: "waiting", sent_bytes: 0 };
}
