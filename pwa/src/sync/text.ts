// Text: one normal form out, one folded form for comparing (SPEC W-8, W-9). The hub runs the same vectors.

/** NFC without blanks at the ends; line breaks inside are kept. */
export function normal(text: string): string {
  return text.normalize("NFC").trim();
}

/** For comparing only: marks dropped, đ to d, lower case, runs of blanks to one. fold("ĐÌNH  CAO") = "dinh cao". */
export function fold(text: string): string {
  const bare = text.normalize("NFD").replace(/\p{Mn}/gu, "");
  return bare.replace(/[đĐ]/g, "d").toLowerCase().trim().replace(/\s+/g, " ");
}
