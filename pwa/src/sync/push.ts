// How an outbox is cut into pushes (SPEC X-18).
import type { Write } from "./write";

/** The hub takes more in a body, but so much at most goes again after a cut. */
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
