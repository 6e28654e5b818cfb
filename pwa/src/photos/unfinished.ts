// What nobody saved, for a rescue file (SPEC R-11): forms with what was entered and their photos, and photos of the tray,
// which are made small for it and stay where they are as they came.
import { filesIn, namesFile } from "../core/record";
import { equal, type Values } from "../core/write";
import type { Db, DraftRow } from "../db/schema";
import type { Loose, LooseFile } from "../officers/rescue";
import { now } from "../platform/clock";
import type { Source } from "./inbox";
import type { Photo, Unread } from "./shrink";
import { lookAt, photoRegister } from "./take-in";
import { fileOf, trayFiles } from "./tray";

export interface Unfinished {
  /** Forms in which something was entered. */
  readonly drafts: readonly DraftRow[];
  /** Photos that no form has taken yet: without a kind and a unit. */
  readonly waiting: readonly Request[];
}

export async function unfinished(db: Db): Promise<Unfinished> {
  const drafts = (await db.getAll("drafts")).filter((one) => !one.untouched && entered(one));
  return { drafts, waiting: await trayFiles(db) };
}

/** The parts of a file, and why some photos of the tray cannot go into it. */
export async function packed(db: Db, { drafts, waiting }: Unfinished): Promise<[Loose, Unread[]]> {
  const entries: unknown[] = drafts.map((one) => ({ draft: wireOf(one) }));
  const files = drafts.flatMap((one) => filesOf(db, changes(one)));
  const unread: Unread[] = [];
  for (const key of waiting) {
    const looked = await lookAtFile(key);
    if (!looked) continue;
    if (typeof looked === "string") {
      unread.push(looked);
      continue;
    }
    const [photo, source, at] = looked;
    const [name, value] = photoRegister(photo, source, at);
    entries.push({ draft: { id: idOf(key), at, set: { [name]: value } } });
    for (const role of ["thumb", "full"] as const) {
      const { bytes, sha256 } = photo[role];
      // The browser holds it, on its disk if need be: a tray may hold a hundred.
      const blob = new Blob([bytes]);
      files.push({ role, sha256, size_bytes: blob.size, read: () => blob.arrayBuffer() });
    }
  }
  return [{ entries, files }, unread];
}

/** Its photo made small, its source and time; why there is none; undefined if another window let it go meanwhile. */
async function lookAtFile(key: Request): Promise<[Photo, Source, number] | Unread | undefined> {
  try {
    const held = await fileOf(key);
    if (!held) return undefined;
    const [picture, source, at] = held;
    const photo = await lookAt(picture);
    return typeof photo === "string" ? photo : [photo, source, at];
  } catch {
    // The browser no longer gives its bytes. The rest of the file is worth more than one photo.
    return "photo_unreadable";
  }
}

function wireOf({ id, record, kind, unit, campaign, now: values, drawn }: DraftRow) {
  const edits = record !== id && { record };
  return { id, at: now(), ...edits, kind, unit, campaign, set: changes({ now: values, drawn }) };
}

function entered(draft: DraftRow): boolean {
  return Object.keys(changes(draft)).length > 0;
}

/** Of an edit what it changes; of a new form all. */
function changes({ now: values, drawn }: Pick<DraftRow, "now" | "drawn">): Values {
  const names = new Set([...Object.keys(drawn.values), ...Object.keys(values)]);
  const changed = [...names].filter((name) => !equal(values[name], drawn.values[name]));
  return Object.fromEntries(changed.map((name) => [name, values[name] ?? null]));
}

function filesOf(db: Db, values: Values): LooseFile[] {
  const named = Object.entries(values).flatMap(([name, value]) => (namesFile(name) ? filesIn(value) : []));
  return named.map((file) => ({ ...file, read: () => db.get("bytes", file.sha256) }));
}

/** A file of the tray lies under an id of its own (photos/inbox.ts). */
function idOf({ url }: Request): string {
  return url.split("/").at(-3) ?? "";
}
