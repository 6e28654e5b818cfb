// What travels, and what is kept of it: pushes, and how an outbox is cut into them (SPEC X-18), their results in few bytes,
// cursors, what is noted for a restored server, and what stays on the phone.
import type { Lines } from "./late";
import type { OutboxEntry } from "./write";

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
 * What the id of a push is a hash of (SPEC X-15): its writes, and when the server was last heard. So an answer that was kept
 * makes another push of the same writes, and one that was lost, or found no room, the same.
 */
export function pushText(writes: readonly Pick<OutboxEntry, "id">[], heard = 0): string {
  return [...writes.map(({ id }) => id), heard].map((part) => `${part}\n`).join("");
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
