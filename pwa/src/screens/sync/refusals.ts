// What the server refused of a record, each thing once.
import { DOCUMENT_PREFIX, type Fields } from "../../core/record";
import type { UploadRow, WriteRow } from "../../db/schema";
import { fileLabel } from "../../ui/show";

export interface Refused {
  readonly code: string;
  /** The name of the PDF that it is said of. */
  readonly file: string;
}

/** A file whose write was refused has that write's code and needs no line of its own. */
export function refusalsOf(
  writes: readonly WriteRow[],
  uploads: readonly UploadRow[],
  fields: Fields,
): Refused[] {
  const all = new Map<string, Refused>();
  const add = (code = "internal", file = "") => {
    if (!all.has(code)) all.set(`${code} ${file}`.trim(), { code, file });
  };
  for (const { state, code } of writes) if (state === "refused") add(code);
  for (const { state, code, field } of uploads) {
    if (state === "refused") add(code, field.startsWith(DOCUMENT_PREFIX) ? fileLabel(fields, field) : "");
  }
  return [...all.values()];
}
