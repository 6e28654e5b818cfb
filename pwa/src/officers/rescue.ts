// What is only on this phone, as files to hand in at the desk (SPEC R-1): the outbox in its order, refused writes with
// it, and every photo that the server has not verified; beside them what nobody saved (R-11, photos/unfinished.ts).
// Making them changes nothing here and asks the network nothing.

import { APP, wireOf } from "../core/protocol";
import { recordOf } from "../core/record";
import { type Piece, parts, sealed } from "../core/rescue";
import type { Db, EntryRow, UploadRow, WriteRow } from "../db/schema";
import { encodeId } from "../platform/ids";
import type { Session } from "./officer";

/** A write has at most 64 kB (W-8), a block 8 MiB. */
const WRITES_IN_BLOCK = 100;

export interface Unsent {
  readonly writes: readonly WriteRow[];
  readonly files: readonly UploadRow[];
  /** Answers to returns and messages, refused ones too, and figures that were confirmed. */
  readonly entries: readonly EntryRow[];
}

export async function unsent(db: Db): Promise<Unsent> {
  const writes = await db.getAll("writes");
  const files = await db.getAll("uploads");
  return {
    writes: writes.filter((row) => row.state === "pending" || row.state === "refused"),
    files: files.filter((row) => row.state !== "verified"),
    entries: (await db.getAll("entries")).filter(
      ({ state, wire }) => state === "pending" || (state === "refused" && !("seal" in wire)),
    ),
  };
}

/** How many records are not whole at the server. */
export function unsentRecords({ writes, files, entries }: Unsent): number {
  const answered = entries.map(({ wire }) => recordOf(wire) ?? wire.id);
  return new Set([...[...writes, ...files].map((row) => row.record), ...answered]).size;
}

/** What nobody saved, as it goes into a file (SPEC R-11): entries beside the writes, and the bytes that they name. */
export interface Loose {
  readonly entries: readonly unknown[];
  readonly files: readonly LooseFile[];
}

export interface LooseFile {
  readonly role: UploadRow["role"];
  readonly sha256: string;
  readonly size_bytes: number;
  readonly read: () => Promise<BufferSource | undefined>;
}

interface Block extends Piece {
  readonly kind: "W" | "P";
  /** Undefined where the bytes are no longer on this phone. */
  readonly read: () => Promise<BufferSource | undefined>;
}

function blocksOf(db: Db, { writes, files, entries: others }: Unsent, loose: Loose): Block[] {
  const blocks: Block[] = [];
  // an answer to a return in the form that older servers read, and a message in the like.
  const beside = others.map(({ wire }) => {
    if ("reply" in wire) return { reply: { id: wire.id, ...wire.reply } };
    return "message" in wire ? { message: { id: wire.id, ...wire.message } } : wire;
  });
  const entries = [...writes.map(wireOf), ...beside, ...loose.entries];
  for (let at = 0; at < entries.length; at += WRITES_IN_BLOCK) {
    const some = entries.slice(at, at + WRITES_IN_BLOCK);
    const packed = new TextEncoder().encode(JSON.stringify(some));
    blocks.push({ kind: "W", bytes: packed.length, writes: some.length, read: async () => packed });
  }
  const kept = files.map((row) => ({ ...row, read: () => db.get("bytes", row.sha256) }));
  const all = [...kept, ...loose.files].sort((a, b) => b.role.localeCompare(a.role));
  // Two records may hold one photo.
  for (const { size_bytes, read } of new Map(all.map((row) => [row.sha256, row])).values()) {
    blocks.push({ kind: "P", bytes: size_bytes, writes: 0, read });
  }
  return blocks;
}

/** `named` is the name of a file, given its number and how many there are. */
export async function rescueFiles(
  db: Db,
  { device, rescue_key }: Session,
  held: Unsent,
  loose: Loose,
  named: (part: number, all: number) => string,
): Promise<File[]> {
  const files: File[] = [];
  const all = parts(blocksOf(db, held, loose));
  for (const blocks of all) {
    const iv = encodeId(crypto.getRandomValues(new Uint8Array(8))).slice(0, 11);
    const header = { device, made_at: Date.now(), iv, app: APP };
    const { start, seal } = await sealed(rescue_key, header);
    const made: BlobPart[] = [start];
    for (const { kind, read } of blocks) {
      const contents = await read();
      // Of each block the browser holds the Blob, on its disk if need be, and this page nothing.
      if (contents) made.push(await seal(kind, contents));
    }
    made.push(await seal("E", new ArrayBuffer(0)));
    files.push(new File(made, named(files.length + 1, all.length)));
  }
  return files;
}
