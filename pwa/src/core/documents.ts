// The PDF files that a record or form holds (SPEC S-13), and what they are called.
import { DOCUMENT_PREFIX, part, type Value, type Values } from "./record";
import { normal } from "./text";

/** The field of a PDF, and its register. */
export type Document = readonly [string, Value];

/** As long as the server takes (SPEC P-17). */
const LONGEST_NAME = 200;
const ENDING = /\.pdf$/i;

/** In the order in which they were added (SPEC S-13). */
export function documentsIn(held: Values): Document[] {
  const added = ([, value]: Document) => Number(part(value, "added_at"));
  const documents = Object.entries(held).filter(([name, value]) => name.startsWith(DOCUMENT_PREFIX) && value);
  return documents.sort((a, b) => added(a) - added(b) || (a[0] < b[0] ? -1 : 1));
}

/** Why one more does not go in: the key of its sentence. */
export function noPlaceFor(
  field: string,
  held: Values,
  max: number,
): "document_twice" | "documents_most" | undefined {
  if (held[field]) return "document_twice";
  return documentsIn(held).length < max ? undefined : "documents_most";
}

/** What the register calls a file: one that is too long keeps its ending. */
export function registerName(file: string): string {
  const name = normal(file);
  const letters = [...name];
  if (letters.length <= LONGEST_NAME) return name || "van-ban.pdf";
  const ending = ENDING.exec(name)?.[0] ?? "";
  return (
    letters
      .slice(0, LONGEST_NAME - ending.length)
      .join("")
      .trimEnd() + ending
  );
}

export function documentName(value: Value): string {
  return String(part(value, "name"));
}

/** What it is saved as: a phone knows by the ending what opens it. */
export function fileName(value: Value): string {
  const name = documentName(value);
  return ENDING.test(name) ? name : `${name}.pdf`;
}
