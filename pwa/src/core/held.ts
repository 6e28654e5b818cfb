// What is on this phone alone, as each request says it (SPEC X-45): who waits for figures sees that work is under way.

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
