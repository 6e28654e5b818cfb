// Answers to returns go after all text, each by a request of its own that may be repeated (SPEC D-13).
import type { Reply } from "../core/view";
import { isFull } from "../db/open";
import type { Db } from "../db/schema";
import { landReply, refuseReply, waitingReplies } from "../outbox/replies";
import { endsRun, Problem, post } from "../platform/http";
import type { Unkept } from "./loop";

export async function sendReplies(db: Db, token: string, unkept: Partial<Unkept> = {}): Promise<void> {
  for (const [decision, { id, record, text, at }] of await waitingReplies(db)) {
    try {
      const reply = await post<Reply>(token, `records/${record}/reply`, { id, decision, text, at });
      await landReply(db, decision, record, reply);
    } catch (error) {
      // The server has it, and gives it back once there is room.
      if (isFull(error)) {
        unkept.full = error;
        continue;
      }
      // A server that fails, or is older than this app, is asked again with the next run.
      if (!(error instanceof Problem) || endsRun(error) || error.status >= 500) throw error;
      await refuseReply(db, decision, error.code);
    }
  }
}
