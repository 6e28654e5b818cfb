// Photos made small, one at a time, in a worker where that can draw. Nothing is stored here: their bytes go to the disk in the transaction that
// has a draft name them. For a file that cannot be taken in it returns the key of the sentence that says why.
import { PHOTO_PREFIX, type Value } from "../core/record";
import type { CaptureRow, Tx } from "../db/schema";
import { behindOf } from "../outbox/captures";
import { now } from "../platform/clock";
import { askWorker } from "./ask-worker";
import type { Source } from "./inbox";
import type { Remark } from "./remark";
import { type Encoded, madeSmall, type Photo, type Unread } from "./shrink";
import { takenAt } from "./taken-at";

export interface ReadyFile {
  /** The register's name and value (S-6). */
  readonly register: readonly [string, Value];
  readonly remark: Remark | undefined;
}

/** With all that it needs on the disk. */
export interface ReadyFileWithBytes extends ReadyFile {
  readonly bytes: readonly Encoded[];
}

/** In the transaction that puts its register into a draft. */
export async function putBytes(tx: Tx, { bytes }: Pick<ReadyFileWithBytes, "bytes">): Promise<void> {
  for (const one of bytes) await tx.put("bytes", one.bytes, one.sha256);
}

type Came = Pick<CaptureRow, "source" | "taken_at" | "added_at" | "behind">;

/** Of one that comes just now; `at` is when it was taken, if that is known. */
export function takeIn(picture: Blob, source: Source, at?: number): Promise<ReadyFileWithBytes | Unread> {
  const came = { source, taken_at: at, added_at: now(), behind: behindOf(source) };
  return inTurn(() => readPhoto(picture, came));
}

/** `thrift`: how many times it ended a page before. */
export async function readPhoto(
  file: Blob,
  { source, taken_at, added_at, behind }: Came,
  thrift = 0,
): Promise<ReadyFileWithBytes | Unread> {
  const at = taken_at ?? (await takenAt(file, behind));
  const photo = await small(file, thrift);
  if (typeof photo === "string") return photo;
  const { full, thumb, remark } = photo;
  return { register: photoRegister(photo, source, at, added_at), remark, bytes: [full, thumb] };
}

/** A photo made small that is kept nowhere: for a file that takes it along. */
export function lookAt(picture: Blob): Promise<Photo | Unread> {
  return inTurn(() => small(picture));
}

/** No photo takes so long. */
const TURN_MS = 15_000;
const LOCK = "loa-photo";

let turn: Promise<unknown> = Promise.resolve();
/** Windows that had the lock for so long: frozen amid a file. This page waits for them no more. */
const frozen = new Set<string | undefined>();

/**
 * One file at a time is in memory, over all windows of the phone. A window that was frozen amid it holds nobody up: after that
 * time the work is done all the same, and what comes behind it at once.
 */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(() => amongWindows(work));
  turn = mine.catch(() => undefined);
  return mine;
}

async function holder(): Promise<string | undefined> {
  const { held } = await navigator.locks.query();
  return held?.find(({ name }) => name === LOCK)?.clientId;
}

async function amongWindows<T>(work: () => Promise<T>): Promise<T> {
  if (frozen.size > 0 && frozen.has(await holder())) return work();
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), TURN_MS);
  let begun = false;
  const begin = () => {
    begun = true;
    clearTimeout(timer);
    return work();
  };
  try {
    return await navigator.locks.request(LOCK, { signal: wait.signal }, begin);
  } catch (error) {
    if (begun || !wait.signal.aborted) throw error;
    const held = await holder();
    if (held) frozen.add(held);
    return work();
  }
}

/** The register of a photo (SPEC S-6, P-1). Nothing may tell when it was taken (P-20): then it is said when it was added. */
export function photoRegister(
  { full, thumb, width, height }: Photo,
  source: Source,
  at: number | undefined,
  added = now(),
): readonly [string, Value] {
  const value = {
    sha256: full.sha256,
    size_bytes: full.bytes.byteLength,
    width,
    height,
    type: "image/jpeg",
    thumb_sha256: thumb.sha256,
    thumb_size_bytes: thumb.bytes.byteLength,
    taken_at: Math.min(at ?? added, now()),
    source,
    ...(at === undefined && { undated: true }),
  };
  return [PHOTO_PREFIX + full.sha256.slice(0, 16), value];
}

function small(picture: Blob, thrift = 0): Promise<Photo | Unread> {
  if (picture.type === "application/pdf") return Promise.resolve("photo_pdf");
  if (typeof OffscreenCanvas === "undefined") return madeSmall(picture, thrift);
  const worker = new Worker(new URL("./shrink-worker.ts", import.meta.url), { type: "module" });
  return askWorker<Photo | Unread>(worker, [picture, thrift], () => madeSmall(picture, thrift));
}
