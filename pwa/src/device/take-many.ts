// Photos that came together become drafts, one each, with what the form said that they came to. One at a time, each on
// the disk before its file goes: left or killed at any moment, none is lost and none comes twice.
import { NOTHING } from "../sync/draft";
import type { Kind } from "../sync/kind";
import { lasting } from "../sync/lasting";
import { changed } from "./bus";
import type { Db, DraftRow } from "./db";
import { fileOf, laid, takeOut } from "./inbox";
import { takeIn } from "./photo";
import { newId } from "./random";
import type { Unread } from "./small";

/** Gives why some were none. */
export async function takeMany(db: Db, kind: Kind, { untouched: _, ...form }: DraftRow): Promise<Unread[]> {
  const unread: Unread[] = [];
  for (const key of await laid()) {
    const taken = await takeIn(db, ...(await fileOf(key)));
    if (typeof taken === "string") unread.push(taken);
    else {
      const [name, value] = taken.register;
      const id = newId();
      const now = { ...lasting(kind, form.now), [name]: value };
      // Killed between the draft and its file: it is there already.
      if (!JSON.stringify(await db.getAll("drafts")).includes(name))
        await db.put("drafts", { ...form, id, record: id, drawn: NOTHING, now, batch: true });
    }
    await takeOut(key);
    changed();
  }
  return unread;
}

/** One that is left of them. */
export async function nextOf(db: Db, { kind, campaign }: DraftRow): Promise<DraftRow | undefined> {
  const drafts = await db.getAll("drafts");
  return drafts.find((one) => one.batch && one.kind === kind && one.campaign === campaign);
}
