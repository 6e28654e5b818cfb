// Late: behind the unit's seal or behind the campaign's end, told by position and by no clock (SPEC L-1).

/** A stream's lines; null or nothing = there is none. */
export interface Lines {
  readonly sealed?: number | null | undefined;
  readonly closed?: number | null | undefined;
}

export function isLate(position: number, { sealed, closed }: Lines = {}): boolean {
  return position > Math.min(sealed ?? Number.POSITIVE_INFINITY, closed ?? Number.POSITIVE_INFINITY);
}
