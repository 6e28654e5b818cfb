// The exchange as it travels (SPEC, server/api/README.md).
import type { Lines } from "./late";
import type { FieldsChange, OutboxEntry } from "./record";
import type { Decision, Message } from "./view";

/** How much a request lists of anything, and how many writes of a record it names (B-24). */
export const AT_ONCE = 500;
export const WRITES_NAMED = 32;

export interface Request {
  readonly app: number;
  readonly cursors: readonly Cursor[];
  readonly writes?: readonly OutboxEntry[];
  readonly photos?: readonly string[];
  /** The id of the push that `writes` are; or of the one whose answer was lost. */
  readonly push?: string;
  readonly ask?: string;
  /** B-2, B-31, B-3. */
  readonly restored?: number | undefined;
  readonly mark?: string | undefined;
  readonly known?: readonly Noted[];
  /** */
  readonly held?: Held;
}

/** What one asks; the rest of a request is what the rows say. */
export type Question = Pick<Request, "writes" | "push" | "ask" | "known">;

/** */
export interface Result {
  readonly id: string;
  readonly result: "stored" | "later" | "refused";
  /** Of what is stored. */
  readonly position?: number;
  readonly number?: string;
  /** When it was first received (SPEC L-29). An older server leaves it out where that is now. */
  readonly received?: number;
  /** Of what is not. */
  readonly code?: string;
  readonly field?: string | null;
}

/** */
export interface Change extends FieldsChange {
  readonly record: string;
  readonly kind: string;
  readonly unit: string;
  readonly campaign: string;
  readonly number: string;
  readonly decision: Decision | null;
  /** The last questions and answers about it, the oldest first (D-15). */
  readonly messages?: readonly Message[];
  /** Nothing is left of it (L-12). */
  readonly purged?: boolean;
  /** The position of its last write, where one is newer than the floor (L-3). */
  readonly written?: number;
  /** When the server first received the latest of its writes, in ms; beside `written` (L-13). */
  readonly received?: number;
}

/** P-8. */
export interface Judged {
  readonly sha256: string;
  readonly state: "verified" | "wanted" | "refused";
  readonly code?: string;
}

/** The first line of an answer. */
export interface Head {
  readonly results: readonly Result[];
  readonly asked?: {
    readonly push: string;
    readonly known: boolean;
    readonly runs: readonly Run[];
    readonly received?: number;
  };
  readonly photos: readonly Judged[];
  readonly catalog: string;
  readonly server_time: number;
  readonly minimum_app: number;
  readonly restored?: number;
  /** B-31. */
  readonly mark?: string;
  /** */
  readonly replaced?: boolean;
  /** */
  readonly idle?: boolean;
  /** B-33: the records of `known` that it took; an older server does not say. */
  readonly known?: readonly string[];
}

/** C-2, L-3. */
export interface AnsweredCursor extends Cursor {
  readonly reset: boolean;
  readonly sealed: number | null;
  readonly closed: number | null;
}

/** Changes that are whole together, with the cursors behind them; `more` (false) where nothing follows. */
export interface Block {
  readonly changes: readonly Change[];
  readonly cursors: readonly AnsweredCursor[];
  readonly more?: boolean;
}

/** The cursors a block continues from, by stream: those held, without the ones the server did not know (SPEC C-2). */
export type Before = ReadonlyMap<string, CursorRow>;

/** What an answer says of each write; of those asked for by their places in the push. */
export function resultsOf({ results, asked }: Head, push: Push | undefined): Result[] {
  const kept = unpack(asked?.runs ?? []).map((said, nth) => ({ ...said, id: push?.writes[nth] ?? "" }));
  return [...results, ...kept];
}

/**
 * An answer as lines (SPEC X-19): its head and its blocks, each as soon as its last line is here. What stands behind the
 * last block when the line is cut is not passed on, nor a line that this app does not know.
 */
export async function* blocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Head | Block> {
  const decoder = new TextDecoder();
  let rest = "";
  let changes: Change[] = [];
  for await (const part of body) {
    const lines = (rest + decoder.decode(part, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line);
      if (said.record) changes.push(said);
      else if (said.results) yield said;
      else if (said.cursors) {
        yield { ...said, changes };
        changes = [];
      }
    }
  }
}

// What travels, and what is kept of it: pushes, and how an outbox is cut into them (SPEC X-18), their results in few bytes,
// cursors, what is noted for a restored server, and what stays on the phone.

/** Grows when this app learns more of the exchange (SPEC V-1): 2 asks for lost answers, reads lines, and brings back;
 * 3 says when what it brings back was first received. */
export const APP = 3;

/** The server takes more in a body, but so much at most goes again after a cut. */
const PUSH_BYTES = 64 * 1024;
const PUSH_WRITES = 500;

/** The first push of an outbox, in its order: one write at least. */
export function firstPush<E extends OutboxEntry>(waiting: readonly E[]): E[] {
  let bytes = 0;
  const end = waiting.findIndex((write, nth) => {
    bytes += JSON.stringify(write).length;
    return nth === PUSH_WRITES || (nth > 0 && bytes > PUSH_BYTES);
  });
  return waiting.slice(0, end < 0 ? waiting.length : end);
}

/**
 * What the id of a push is a hash of (SPEC X-15): its writes, and the server's time in its last answer. So an answer that was kept
 * makes another push of the same writes, and one that was lost, or found no room, the same.
 */
export function pushText(writes: readonly Pick<OutboxEntry, "id">[], server_time = 0): string {
  return [...writes.map(({ id }) => id), server_time].map((part) => `${part}\n`).join("");
}

/** A kept write as it travels: one that a restore put back says when it was first received (SPEC L-15). */
export function wireOf<E extends OutboxEntry>({
  wire,
  received,
}: {
  readonly wire: E;
  readonly received?: number | undefined;
}): E {
  return received ? { ...wire, received } : wire;
}

/** So many results in a row; what is alike in them is said once. */
export interface Run {
  readonly count: number;
  readonly result: "stored" | "later" | "refused";
  readonly position?: number;
  readonly number?: string;
  readonly step?: number;
  readonly received?: number;
  readonly code?: string;
  readonly field?: string;
}

/** The results again, in their order. Place is not looked at: a phone knows where its records are (ID-3). */
export function unpack(runs: readonly Run[]): Omit<Run, "count" | "step">[] {
  return runs.flatMap(({ count, step = 0, ...first }) =>
    Array.from({ length: count }, (_, nth) => {
      const { position, number } = first;
      if (position === undefined || number === undefined) return first;
      // `BR-17` and 2 make `BR-19`.
      const later = number.replace(/\d+$/, (digits) => String(Number(digits) + nth * step));
      return { ...first, position: position + nth, number: later };
    }),
  );
}

export interface Cursor {
  readonly unit: string;
  readonly campaign: string;
  readonly position: number;
  readonly tag: string;
  /** Where a pull of several blocks began (SPEC C-2). */
  readonly floor: number;
}

/** With the lines of the stream (L-3). */
export interface CursorRow extends Cursor, Pick<Lines, "sealed" | "closed"> {}

/** A push whose answer is not here, and its writes in their order. */
export interface Push {
  readonly id: string;
  readonly writes: readonly string[];
}

/** What this phone held of a record before it was pulled anew from a restored server (B-3). */
export interface Noted {
  readonly record: string;
  readonly unit: string;
  readonly campaign: string;
  readonly number: string;
  readonly writes: readonly string[];
}

/** What is on this phone alone, as each request says it (SPEC X-45): who waits for figures sees that work is under way. */
export interface Held {
  /** Own writes that no server stored. */
  readonly writes: number;
  /** Photos of which bytes still have to go, and those bytes. */
  readonly photos: number;
  readonly bytes: number;
}

/** Two files of one photo, the small and the large one, are one photo. */
export function heldOf(
  writes: number,
  waiting: readonly {
    readonly record: string;
    readonly field: string;
    readonly size_bytes: number;
    readonly sent_bytes: number;
  }[],
): Held {
  return {
    writes,
    photos: new Set(waiting.map(({ record, field }) => record + field)).size,
    bytes: waiting.reduce((sum, { size_bytes, sent_bytes }) => sum + size_bytes - sent_bytes, 0),
  };
}
