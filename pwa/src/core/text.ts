// Text: one normal form out, one folded form for comparing (SPEC W-8, W-9). The server runs the same vectors.

/** What the server's language takes for blanks: all that this one does but U+FEFF, and some control characters more. */
const BLANK = "[^\\S\\ufeff]|[\\x1c-\\x1f\\x85]";
const ENDS = new RegExp(`^(${BLANK})+|(${BLANK})+$`, "g");
const BLANKS = new RegExp(`(${BLANK})+`, "g");

/** NFC without blanks at the ends; line breaks inside are kept. */
export function normal(text: string): string {
  return text.normalize("NFC").replace(ENDS, "");
}

/** For comparing only: marks dropped, đ to d, lower case, runs of blanks to one. fold("ĐÌNH  CAO") = "dinh cao". */
export function fold(text: string): string {
  const bare = text.normalize("NFD").replace(/\p{Mn}/gu, "");
  return bare.replace(/[đĐ]/g, "d").toLowerCase().replace(ENDS, "").replace(BLANKS, " ");
}

/** What a reviewer's sentence says, without a greeting before it: one line has no room for both. */
export function gist(text: string): string {
  const bare = normal(text);
  const rest = bare.replace(GREETING, "").replace(ASKING, "");
  return rest ? rest.charAt(0).toUpperCase() + rest.slice(1) : bare;
}

const GREETING = /^((kính|thưa|chào|gửi|dear|hello)(?=\s)[^,.:;!\n]*[,.:;!\n]\s*)+/i;
const ASKING = /^đề nghị (đồng chí|đơn vị|xã|phường|anh|chị)(?=\s)[^,.:;!\n]{0,30}:\s*/i;
