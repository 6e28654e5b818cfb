// Text: one normal form out, one folded form for comparing (SPEC W-9, F-12). The server runs the same vectors.
import ranges from "../../../sync/folding.json";

/** What the server's language takes for blanks: all that this one does but U+FEFF, and some control characters more. */
const BLANK = "[^\\S\\ufeff]|[\\x1c-\\x1f\\x85]";
const ENDS = new RegExp(`^(${BLANK})+|(${BLANK})+$`, "g");
const BLANKS = new RegExp(`(${BLANK})+`, "g");

/** NFC without blanks at the ends; line breaks inside are kept. */
export function normal(text: string): string {
  return text.normalize("NFC").replace(ENDS, "");
}

/** First and last code point of each range, in order: `300-36f 5bf` is 300, 36f, 5bf, 5bf. */
function ends(lines: readonly string[]): number[] {
  const pairs = lines.flatMap((line) => line.split(" ")).map((range) => range.split("-"));
  return pairs.flatMap(([first = "", last = first]) => [
    Number.parseInt(first, 16),
    Number.parseInt(last, 16),
  ]);
}

const MARKS = ends(ranges.marks);
const LETTERS = ends(ranges.letters);

function isIn(sorted: readonly number[], char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  let [next, last] = [0, sorted.length];
  while (next < last) {
    const middle = (next + last) >> 1;
    if ((sorted[middle] ?? 0) < code) next = middle + 1;
    else last = middle;
  }
  return next % 2 === 1 || sorted[next] === code;
}

const FOLDED = new Map([
  ["đ", "d"],
  ["Đ", "d"],
]);

/**
 * For comparing only: marks dropped, đ to d, lower case, runs of blanks to one. fold("ĐÌNH  CAO") = "dinh cao". Each code
 * point by the ranges that the server has too: each browser has a Unicode version of its own.
 */
export function fold(text: string): string {
  let bare = "";
  for (const char of text) {
    let found = FOLDED.get(char);
    if (found === undefined) {
      const parts = isIn(LETTERS, char) ? [...char.normalize("NFD")].map((one) => one.toLowerCase()) : [char];
      found = parts.filter((one) => !isIn(MARKS, one)).join("");
      FOLDED.set(char, found);
    }
    bare += found;
  }
  return bare.replace(ENDS, "").replace(BLANKS, " ");
}

/** What a reviewer's sentence says, without a greeting before it: one line has no room for both. */
export function gist(text: string): string {
  const bare = normal(text);
  const rest = bare.replace(GREETING, "").replace(ASKING, "");
  return rest ? rest.charAt(0).toUpperCase() + rest.slice(1) : bare;
}

const GREETING = /^((kính|thưa|chào|gửi|dear|hello)(?=\s)[^,.:;!\n]*[,.:;!\n]\s*)+/i;
const ASKING = /^đề nghị (đồng chí|đơn vị|xã|phường|anh|chị)(?=\s)[^,.:;!\n]{0,30}:\s*/i;
