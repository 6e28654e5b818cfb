// A push as it travels: how an outbox is cut into pushes (SPEC X-18), and their results in few bytes.
import type { Write } from "./write";

/** Grows when this app learns more of the exchange (SPEC V-1): 2 asks for lost answers, reads lines, and brings back;
 * 3 says when what it brings back was first received. */
export const APP = 3;

/** The server takes more in a body, but so much at most goes again after a cut. */
const PUSH_BYTES = 64 * 1024;
const PUSH_WRITES = 500;

/** The first push of an outbox, in its order: one write at least. */
export function firstPush(waiting: readonly Write[]): Write[] {
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
export function pushText(writes: readonly Pick<Write, "id">[], heard = 0): string {
  return [...writes.map(({ id }) => id), heard].map((part) => `${part}\n`).join("");
}

/** A kept write as it travels: one that a restore put back says when it was first received (SPEC L-15). */
export function wireOf({
  wire,
  received,
}: {
  readonly wire: Write;
  readonly received?: number | undefined;
}): Write {
  return received ? ({ ...wire, received } as Write) : wire;
}

/** So many results in a row; what is alike in them is said once. */
export interface Run {
  readonly count: number;
  readonly result: "stored" | "later" | "refused";
  readonly position?: number;
  readonly number?: string;
  readonly step?: number;
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
