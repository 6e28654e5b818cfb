// Unfinished forms: every change is on the disk as it is made, so a page that is killed loses nothing.
import { type Drawn, draw, NOTHING } from "../sync/draft";
import type { Field, Kind } from "../sync/kind";
import type { Value, Values } from "../sync/write";
import { changed } from "./bus";
import { today } from "./clock";
import { type Db, type DraftRow, meta, type RecordRow } from "./db";
import { newId } from "./random";

/** A form for a new record, filled with what the kind and this phone's memory suggest. */
export async function beginNew(db: Db, kind: Kind, unit: string, campaign: string): Promise<string> {
  const last = (await meta(db, "defaults"))?.[kind.kind] ?? {};
  const entries = kind.fields.map((field) => [field.name, initial(field, last)] as const);
  const now = Object.fromEntries(entries.filter(([, value]) => value !== null));
  const id = newId();
  return put(db, { id, record: id, kind: kind.kind, unit, campaign, drawn: NOTHING, now, corrects: [] });
}

function initial(field: Field, last: Values): Value {
  if (field.default === "today") return today();
  if (field.default === "last") return last[field.name] ?? null;
  return field.default ?? null;
}

/**
 * A form over a record: the unfinished one if there is one, else drawn now. Where the creation itself was refused the
 * form makes another record in its stead, since the hub holds none to edit (SPEC ID-2, W-4).
 */
export async function beginEdit(db: Db, row: RecordRow): Promise<string> {
  const { record, kind, unit, campaign } = row;
  const drafts = await db.getAll("drafts");
  const open = drafts.find(
    (draft) => !draft.untouched && (draft.record === record || draft.replaces === record),
  );
  if (open) return open.id;
  const own = await db.getAllFromIndex("writes", "record", record);
  const corrects = own.filter((write) => write.state === "refused").map((write) => write.id);
  const drawn = draw(row.view.fields);
  const id = newId();
  if (!corrects.includes(record)) {
    return put(db, { id, record, kind, unit, campaign, drawn, now: drawn.values, corrects });
  }
  const { deleted: _d, submitted: _s, ...now } = drawn.values;
  const anew: Drawn = { ...NOTHING, seen: { submitted: corrects } };
  return put(db, { id, record: id, kind, unit, campaign, drawn: anew, now, corrects: [], replaces: record });
}

async function put(db: Db, draft: DraftRow): Promise<string> {
  await db.put("drafts", { ...draft, untouched: true });
  changed();
  return draft.id;
}

/** Lets a draft go; the next start sweeps its photos away. */
export async function discardDraft(db: Db, { id }: DraftRow): Promise<void> {
  await db.delete("drafts", id);
  changed();
}
