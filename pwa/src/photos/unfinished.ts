// What nobody saved, for a rescue file (SPEC R-11): forms with what was entered and their files, what lies there as it came
// (outbox/captures.ts), which goes so, and photos and PDF files of the tray, which stay where they are; these photos are made small for it.
import {
  equal,
  type FileCount,
  filesIn,
  namesFile,
  PHOTO_PREFIX,
  type Value,
  type Values,
} from "../core/record";
import type { CaptureRow, Db, DraftRow } from "../db/schema";
import type { Loose, LooseFile } from "../officers/rescue";
import { allDrafts } from "../outbox/save";
import { now } from "../platform/clock";
import { hashOf } from "../platform/ids";
import { type Fault, UNREADABLE } from "./finish";
import { laidAs } from "./inbox";
import type { PdfRefused } from "./read-pdf";
import type { Unread } from "./shrink";
import { lookAt, photoRegister } from "./take-in";
import { lookAtPdf, pdfRegister } from "./take-in-pdf";
import { takenAt } from "./taken-at";
import { countTray, fileOf, pdfOf, trayFiles } from "./tray";
import { allUnkept } from "./unkept";

export interface Unfinished {
  /** Forms in which something was entered. */
  readonly drafts: readonly DraftRow[];
  /** Photos and PDF files that no form has taken yet: without a kind and a unit. */
  readonly waiting: readonly Request[];
  /** What is not made small or judged yet; its draft may be gone. */
  readonly captures: readonly CaptureRow[];
}

export async function unfinished(db: Db): Promise<Unfinished> {
  const [all, stored] = await Promise.all([allDrafts(db), db.getAll("captures")]);
  const captures = [...stored, ...allUnkept(db).map(({ row }) => row)];
  const holds = new Set(captures.map(({ draft }) => draft));
  const drafts = all.filter((one) => holds.has(one.id) || (!one.untouched && entered(one)));
  return { drafts, captures, waiting: await trayFiles(db) };
}

/** Photos and PDF files that wait for a form, or in one for being taken in. */
export function countOpen({ waiting, captures }: Unfinished): FileCount {
  const [tray, pdfs] = [countTray(waiting), captures.filter(({ is }) => is === "pdf").length];
  return { photos: tray.photos + captures.length - pdfs, pdfs: tray.pdfs + pdfs };
}

export function countLeft(left: readonly LeftOut[]): FileCount {
  const pdfs = left.filter(({ pdf }) => pdf !== undefined).length;
  return { photos: left.length - pdfs, pdfs };
}

/** A file that waits and cannot go into the rescue file. */
export interface LeftOut {
  /** Of a PDF its name. */
  readonly pdf: string | undefined;
  /** The key or code of its sentence. */
  readonly why: Fault;
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

/** The parts of a file, and what of the tray, and of what lies there as it came, cannot go into it. */
export async function packed(db: Db, open: Unfinished): Promise<[Loose, LeftOut[]]> {
  const { came, lost, files: originals, unread } = await packedCaptures(db, open);
  const files = [...open.drafts.flatMap((one) => filesOf(db, changes(one))), ...originals];
  const entries: unknown[] = [...open.drafts.map((one) => ({ draft: wireOf(one, came[one.id]) })), ...lost];
  for (const key of open.waiting) {
    const { id, pdf } = laidAs(key);
    // The browser no longer gives its bytes. The rest of the file is worth more than one of the tray.
    const looked = await (pdf === undefined
      ? packedPhoto(key).catch(() => "photo_unreadable" as const)
      : packedPdf(key).catch(() => "document_cut" as const));
    if (!looked) continue;
    if (typeof looked === "string") {
      unread.push({ pdf, why: looked });
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
  const at = await takenAt(picture, 0);
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

interface Captures {
  /** What each draft has of them beside its own values; entries of those whose draft is gone. */
  readonly came: Record<string, Record<string, Value>>;
  readonly lost: unknown[];
  readonly files: LooseFile[];
  readonly unread: LeftOut[];
}

async function packedCaptures(db: Db, { drafts, captures }: Unfinished): Promise<Captures> {
  const all: Captures = { came: {}, lost: [], files: [], unread: [] };
  for (const row of captures) {
    const lost = (why: Fault) => void all.unread.push({ pdf: row.is === "pdf" ? row.name : undefined, why });
    const read = async () => {
      try {
        const own = allUnkept(db).find((one) => one.row.id === row.id);
        return own ? await own.picture.arrayBuffer() : await db.get("originals", row.id);
      } catch {
        // The browser no longer gives it, now or when the file is sealed. The others are worth more.
        lost(UNREADABLE);
        return undefined;
      }
    };
    const looked = await packedCapture(row, read);
    if (!looked) continue;
    if (typeof looked === "string") {
      lost(looked);
      continue;
    }
    const [name, value] = looked.register;
    const { id, added_at: at, kind, unit, campaign, draft } = row;
    if (drafts.some((one) => one.id === draft)) all.came[draft] = { ...all.came[draft], [name]: value };
    else all.lost.push({ draft: { id, at, kind, unit, campaign, set: { [name]: value } } });
    all.files.push(...looked.files);
  }
  return all;
}

/** A block of a rescue file holds no more (SPEC R-10). */
const MOST_IN_BLOCK = 8 * 1024 * 1024 - 1024;

interface AsItCame {
  readonly register: readonly [string, Value];
  readonly files: readonly LooseFile[];
}

/** As it came; a photo that is too large for a block goes small. Undefined where it cannot be read, or was taken in meanwhile. */
async function packedCapture(
  row: CaptureRow,
  read: () => Promise<ArrayBuffer | undefined>,
): Promise<AsItCame | Fault | undefined> {
  const bytes = await read();
  if (!bytes) return undefined;
  const file = new File([bytes], row.name, { type: row.type });
  const sha256 = await hashOf(bytes);
  const size_bytes = bytes.byteLength;
  if (row.is === "pdf") {
    const files = [{ role: "full", sha256, size_bytes, read }] as const;
    return { register: pdfRegister({ bytes, sha256 }, file), files };
  }
  const at = row.taken_at ?? (await takenAt(file, row.behind));
  if (size_bytes <= MOST_IN_BLOCK) {
    const taken_at = at ?? row.added_at;
    const value = {
      ...{ sha256, size_bytes, type: row.type, taken_at, source: row.source, unshrunk: true },
      ...(at === undefined && { undated: true }),
    };
    return {
      register: [PHOTO_PREFIX + sha256.slice(0, 16), value],
      files: [{ role: "full", sha256, size_bytes, read }],
    };
  }
  const photo = await lookAt(file);
  if (typeof photo === "string") return photo;
  const blobs = (["thumb", "full"] as const).map(
    (role) => [role, photo[role].sha256, new Blob([photo[role].bytes])] as const,
  );
  const files = blobs.map(([role, hash, blob]) => ({
    ...{ role, sha256: hash, size_bytes: blob.size },
    read: () => blob.arrayBuffer(),
  }));
  return { register: photoRegister(photo, row.source, at, row.added_at), files };
}

function wireOf({ id, record, kind, unit, campaign, now: values, drawn }: DraftRow, came?: Values) {
  const edits = record !== id && { record };
  return {
    id,
    at: now(),
    ...edits,
    kind,
    unit,
    campaign,
    set: { ...changes({ now: values, drawn }), ...came },
  };
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
