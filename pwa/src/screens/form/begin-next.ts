// Where it goes on after a form that was saved, with what it said that still holds: where photos came together with the
// next of them, else with a new one.
import { lasting, NOTHING } from "../../core/draft";
import type { Kind } from "../../core/kind";
import { equal } from "../../core/write";
import type { Db, DraftRow } from "../../db/schema";
import { beginDraft, suggested } from "../../outbox/drafts";
import { nextOf } from "../../photos/take-many";

/** The address of the form; home after the last of those that came together. */
export async function beginNext(db: Db, kind: Kind, saved: DraftRow): Promise<string> {
  const { unit, campaign } = saved;
  const said = lasting(kind, saved.now);
  if (!saved.batch) {
    const now = { ...(await suggested(db, kind)), ...said };
    const id = await beginDraft(db, { kind: kind.kind, unit, campaign, drawn: NOTHING, now });
    return `form/${id}`;
  }
  const next = await nextOf(db, saved);
  if (!next) return "";
  // What was entered into that one stays, what it had from the beginning gives way.
  const own = Object.entries(next.now).filter(([name, value]) => !equal(value, next.batch?.[name]));
  await db.put("drafts", { ...next, now: { ...said, ...Object.fromEntries(own) }, batch: said });
  return `form/${next.id}`;
}
