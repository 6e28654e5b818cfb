// Results of a push in few bytes (SPEC X-17).

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
