// Short names, the shortest for what comes first: of letters that scripts have most of, which gzip writes the shortest.
const LETTERS = "etnriaoscludfpmh";

/** One letter, then two of them, then three. */
export function letters(at: number): string {
  const one = LETTERS[at % LETTERS.length] ?? "";
  return at < LETTERS.length ? one : one + letters(Math.floor(at / LETTERS.length) - 1);
}
