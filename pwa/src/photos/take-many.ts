// Photos that came together become drafts, one each, with what the form said that they came to. One at a time, each on
// the disk, and noted as taken, before its file goes: left or killed at any moment, none is lost and none comes twice.
import { lasting, NOTHING } from "../core/draft";
import { type Kind, withAnswers } from "../core/kind";
import { PHOTO_PREFIX, part } from "../core/record";
import { byId } from "../db/catalog";
import { type Db, type DraftRow, meta } from "../db/schema";
import { changed } from "../platform/changed";
import { newId } from "../platform/ids";
import { OUT_OF_MEMORY, type Unread } from "./shrink";
import { putBytes, takeIn } from "./take-in";
import { fileOf, noteTaken, takeOut, trayPhotos } from "./tray";

/** How many came to be, and why some did not. Of the form only what holds for each goes into them. */
export async function takeMany(db: Db, kind: Kind, form: DraftRow): Promise<[number, Unread[]]> {
  const { unit, campaign } = form;
  const files = byId((await meta(db, "catalog"))?.campaigns, campaign)?.files;
  const batch = withAnswers(kind, lasting(kind, form.now), files);
  const unread: Unread[] = [];
  let made = 0;
  const photos = await trayPhotos(db);
  for (const [at, key] of photos.entries()) {
    const file = await fileOf(key);
    if (!file) continue;
    const taken = await takeIn(...file);
    if (typeof taken === "string") {
      unread.push(taken);
      if (taken === OUT_OF_MEMORY) continue;
    } else {
      const [name, value] = taken.register;
      const id = newId();
      const now = { ...batch, [name]: value };
      const one = { id, record: id, kind: kind.kind, unit, campaign, corrects: [], drawn: NOTHING, now };
      await db.atomically(
        async (tx) => {
          const unsure = form.unsure && { unsure: true };
          await tx.put("drafts", {
            ...one,
            ...unsure,
            batch,
            nth: [at + 1, photos.length],
            remark: taken.remark,
          });
          await putBytes(tx, taken);
          await noteTaken(tx, key);
        },
        ["drafts", "bytes", "meta"],
      );
      made += 1;
    }
    await takeOut(db, key);
    changed();
  }
  return [made, unread];
}

/** Another unsaved draft of the batch, if any, in the order in which they were picked. */
export async function nextOf(db: Db, { id, kind, campaign }: DraftRow): Promise<DraftRow | undefined> {
  const drafts = await db.getAll("drafts");
  const ours = drafts.filter(
    (one) => one.batch && one.id !== id && one.kind === kind && one.campaign === campaign,
  );
  const place = ({ nth }: DraftRow) => nth?.[0] ?? 0;
  return ours.sort((a, b) => place(a) - place(b) || firstTaken(a) - firstTaken(b))[0];
}

function firstTaken({ now }: DraftRow): number {
  const photos = Object.entries(now).filter(([name, value]) => value && name.startsWith(PHOTO_PREFIX));
  return Math.min(...photos.map(([, value]) => Number(part(value, "taken_at"))));
}
