// What nobody saved, for a rescue file (SPEC R-11): forms with what was entered and their files, and photos and PDF files of
// the tray, which stay where they are as they came; photos are made small for it.
import { filesIn, namesFile } from "../core/record";
import { equal, type Value, type Values } from "../core/write";
import type { Db, DraftRow } from "../db/schema";
import type { Loose, LooseFile } from "../officers/rescue";
import { now } from "../platform/clock";
import { laidAs } from "./inbox";
import type { PdfRefused } from "./read-pdf";
import type { Unread } from "./shrink";
import { lookAt, photoRegister } from "./take-in";
import { lookAtPdf, pdfRegister } from "./take-in-pdf";
import { takenAt } from "./taken-at";
import { fileOf, pdfOf, trayFiles } from "./tray";

export interface Unfinished {
  /** Forms in which something was entered. */
  readonly drafts: readonly DraftRow[];
  /** Photos and PDF files that no form has taken yet: without a kind and a unit. */
  readonly waiting: readonly Request[];
}

export async function unfinished(db: Db): Promise<Unfinished> {
  const drafts = (await db.getAll("drafts")).filter((one) => !one.untouched && entered(one));
  return { drafts, waiting: await trayFiles(db) };
}

/** A file of the tray that cannot go into the rescue file. */
export interface LeftOut {
  readonly key: Request;
  /** The key or code of its sentence. */
  readonly why: Unread | PdfRefused;
}

/** What a rescue file has of a file of the tray: what a draft says of it, and its bytes. */
interface Packed {
  readonly at: number;
  readonly register: readonly [string, Value];
  readonly bytes: readonly {
    readonly role: LooseFile["role"];
    readonly sha256: string;
    readonly blob: Blob;
  }[];
}

/** The parts of a file, and what of the tray cannot go into it. */
export async function packed(db: Db, { drafts, waiting }: Unfinished): Promise<[Loose, LeftOut[]]> {
  const entries: unknown[] = drafts.map((one) => ({ draft: wireOf(one) }));
  const files = drafts.flatMap((one) => filesOf(db, changes(one)));
  const unread: LeftOut[] = [];
  for (const key of waiting) {
    const { id, pdf } = laidAs(key);
    // The browser no longer gives its bytes. The rest of the file is worth more than one of the tray.
    const looked = await (pdf === undefined
      ? packedPhoto(key).catch(() => "photo_unreadable" as const)
      : packedPdf(key).catch(() => "document_cut" as const));
    if (!looked) continue;
    if (typeof looked === "string") {
      unread.push({ key, why: looked });
      continue;
    }
    const [name, value] = looked.register;
    entries.push({ draft: { id, at: looked.at, set: { [name]: value } } });
    for (const { role, sha256, blob } of looked.bytes)
      files.push({ role, sha256, size_bytes: blob.size, read: () => blob.arrayBuffer() });
  }
  return [{ entries, files }, unread];
}

/** A photo made small; why there is none; undefined if another window let it go meanwhile. */
async function packedPhoto(key: Request): Promise<Packed | Unread | undefined> {
  const held = await fileOf(key);
  if (!held) return undefined;
  const [picture, source] = held;
  const at = await takenAt(picture);
  const photo = await lookAt(picture);
  if (typeof photo === "string") return photo;
  // The browser holds a Blob, on its disk if need be: a tray may hold a hundred.
  const bytes = (["thumb", "full"] as const).map((role) => ({
    role,
    sha256: photo[role].sha256,
    blob: new Blob([photo[role].bytes]),
  }));
  return { at: at ?? now(), register: photoRegister(photo, source, at), bytes };
}

/** The same of a PDF, which has one size. */
async function packedPdf(key: Request): Promise<Packed | PdfRefused | undefined> {
  const file = await pdfOf(key);
  if (!file) return undefined;
  const read = await lookAtPdf(file);
  if (typeof read === "string") return read;
  const bytes = [{ role: "full", sha256: read.sha256, blob: new Blob([read.bytes]) }] as const;
  return { at: now(), register: pdfRegister(read, file), bytes };
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
