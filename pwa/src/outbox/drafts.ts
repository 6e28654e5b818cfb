// Unfinished forms: every change is on the disk as it is made, so a page that is killed loses nothing.
import { addDays, DAY_MS } from "../core/day";
import { draw, lasting, NOTHING } from "../core/draft";
import { type Field, type Kind, withAnswers } from "../core/kind";
import { part, type Value, type Values } from "../core/record";
import { type Campaign, kindOf } from "../db/catalog";
import { isFull } from "../db/open";
import { type CaptureRow, type Db, type DraftRow, meta, type RecordRow, type Tx } from "../db/schema";
import { changed } from "../platform/changed";
import { isTimeSure, today } from "../platform/clock";
import { newId } from "../platform/ids";
import { broughtBack, gone } from "./captures";
import { proposed } from "./kind-answers";
import { allDrafts, forgetUnplaced, isUnplaced, keepUnplaced, withUnplaced } from "./save";

/** A form for a new record, filled with what the kind and this phone's memory suggest. */
export async function beginNew(db: Db, kind: Kind, unit: string, campaign: string): Promise<string> {
  const now = await suggested(db, kind, campaign);
  return beginDraft(db, { kind: kind.kind, unit, campaign, drawn: NOTHING, now });
}

export async function suggested(db: Db, kind: Kind, campaign: string): Promise<Values> {
  const last = (await meta(db, "defaults"))?.[kind.kind] ?? {};
  const before = (await meta(db, "previous"))?.[kind.kind];
  const again = (field: Field) => (before && REPEATED.includes(field.type) ? before[field.name] : null);
  const entries = kind.fields.map((field) => {
    // A yes or no begins unsaid (SPEC F-25), whatever an older server's catalogue has as its default.
    const unsaid = field.type === "boolean" && field.name !== kind.confirm?.when;
    const value = unsaid ? null : initial(field, last);
    if (field.type === "schedule") return [field.name, fromToday(again(field) ?? null)] as const;
    return [field.name, value ?? again(field) ?? null] as const;
  });
  const begun = Object.fromEntries(entries.filter(([, value]) => value !== null));
  return { ...begun, ...(await proposed(db, kind, campaign)) };
}

/** Of the last record with a schedule these hold until they are changed: how often, how long. */
const REPEATED = ["schedule", "integer"];

/** As many days as the last time, from today on; the first time one day. */
function fromToday(last: Value): Value {
  const [from, to] = [part(last, "from"), part(last, "to")].map((day) => Date.parse(String(day)));
  const more = Math.round(((to ?? 0) - (from ?? 0)) / DAY_MS) || 0;
  const day = today();
  const times = part(last, "times_a_day");
  return {
    from: day,
    to: addDays(day, Math.max(0, more)) ?? day,
    ...(typeof times === "number" && { times_a_day: times }),
  };
}

/** All that the last record of this kind said, from today on; null where there was none with a schedule. */
export async function likeLastTime(db: Db, kind: Kind, campaign?: Campaign): Promise<Values | null> {
  const held = (await meta(db, "previous"))?.[kind.kind];
  if (!held) return null;
  // Noted by an app before this, it may hold more.
  const before = lasting(kind, held);
  const now = { ...before, ...(await suggested(db, kind, campaign?.id ?? "")), ...textsOf(kind, before) };
  return withAnswers(kind, now, campaign?.files);
}

function textsOf(kind: Kind, before: Values): Values {
  const texts = kind.fields.filter(({ type }) => ["text", "file", "choice", "boolean"].includes(type));
  return Object.fromEntries(
    texts.flatMap(({ name }) => (before[name] === undefined ? [] : [[name, before[name]]])),
  );
}

function initial(field: Field, last: Values): Value {
  if (field.default === "today") return today();
  if (field.default === "last") return last[field.name] ?? null;
  return field.default ?? null;
}

/**
 * A form over a record: the unfinished one if there is one, else drawn now. Where the creation itself was refused, or
 * is lost, the form makes another record in its stead, since the server holds none to edit (SPEC W-2, W-4).
 */
export async function beginEdit(db: Db, row: RecordRow): Promise<string> {
  const { record, kind, unit, campaign } = row;
  const open = (await allDrafts(db)).find(
    (draft) => !draft.untouched && [draft.record, draft.replaces].includes(record),
  );
  if (open) return open.id;
  const own = await db.getAll("writes", "record", record);
  const corrects = own.filter((write) => write.state === "refused").map((write) => write.id);
  const drawn = draw(row.view.fields);
  const form = { kind, unit, campaign };
  const lost = own.some((write) => write.code === "create_lost");
  if (!(lost || corrects.includes(record)))
    return beginDraft(db, { ...form, record, drawn, now: drawn.values, corrects });
  const { deleted: _d, submitted: _s, ...now } = drawn.values;
  const seen = { submitted: own.map((write) => write.id) };
  return beginDraft(db, { ...form, drawn: { ...NOTHING, seen }, now, replaces: record, replaced: now });
}

/** Of a record of its own, and correcting nothing, unless it is said. */
type Beginning = Omit<DraftRow, "id" | "record" | "corrects"> &
  Partial<Pick<DraftRow, "record" | "corrects">>;

export async function beginDraft(db: Db, form: Beginning): Promise<string> {
  const id = newId();
  const unsure = !isTimeSure() && { unsure: true };
  const row = { id, record: id, corrects: [], ...form, ...unsure, untouched: true };
  await db.put("drafts", row).catch((error: unknown) => {
    // Its shot is to be on the screen all the same.
    if (!isFull(error)) throw error;
    keepUnplaced(db, row);
  });
  changed();
  return id;
}

/**
 * Changes a form where it lies, with what had no room before; `besides`, the bytes of a file that comes in with it, in the same transaction.
 * False where it is gone.
 */
export async function changeDraft(
  db: Db,
  id: string,
  change: (held: DraftRow) => DraftRow,
  besides?: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  const alone = isUnplaced(id);
  const stored = db.atomically(
    async (tx) => {
      const held = withUnplaced(id, await tx.get("drafts", id));
      // One that is gone with its record (SPEC L-12) stays gone.
      if (!held || (alone && !(await broughtBack(tx, held)))) return false;
      await tx.put("drafts", { ...change(held), untouched: false });
      await besides?.(tx);
      return true;
    },
    ["drafts", ...(besides ? FILES : []), ...(alone ? OVER : [])],
  );
  try {
    const there = await stored;
    forgetUnplaced(id);
    return there;
  } catch (error) {
    // What was typed is found again; bytes are kept by whoever has them.
    const placed = await db.get("drafts", id).catch(() => undefined);
    const held = !besides && withUnplaced(id, placed);
    if (held) keepUnplaced(db, { ...change(held), untouched: false }, placed);
    throw error;
  }
}

/** No more than it needs: whoever writes a large file into another store holds up no key. */
const FILES = ["bytes", "meta"] as const;
const OVER = ["records", "writes", "meta"] as const;

/** Lets a form go that was only looked at. */
export async function dropUntouched(db: Db, id: string): Promise<void> {
  forgetUnplaced(id);
  await db.atomically(
    async (tx) => {
      const held = await tx.get("drafts", id);
      if (held?.untouched && (await tx.count("captures", "draft", id)) === 0) await tx.delete("drafts", id);
    },
    ["drafts", "captures"],
  );
}

/** A form of a new record for all captures that had one draft; its id. */
export async function openLost(db: Db, { draft, kind, unit, campaign }: CaptureRow): Promise<string> {
  const id = newId();
  const described = kindOf(await meta(db, "catalog"), kind);
  const now = described ? await suggested(db, described, campaign) : {};
  await db.atomically(
    async (tx) => {
      const form = { id, record: id, kind, unit, campaign, corrects: [], drawn: NOTHING, now };
      await tx.put("drafts", form);
      for (const row of await tx.getAll("captures", "draft", draft))
        await tx.put("captures", { ...row, draft: id });
      await tx.put("meta", campaign, "campaign");
    },
    ["drafts", "captures", "meta"],
  );
  changed();
  return id;
}

/** Lets a draft go with what was to come into it; the next start sweeps its photos away. */
export async function discardDraft(db: Db, { id }: DraftRow): Promise<void> {
  forgetUnplaced(id);
  await db.atomically(
    async (tx) => {
      await tx.delete("drafts", id);
      for (const key of await tx.getAllKeys("captures", "draft", id)) await gone(tx, String(key));
    },
    ["drafts", "captures", "originals"],
  );
  changed();
}
