// What the bytes of a file say against it as a PDF, before anything is saved. The server finds the same, and opens it
// besides (SPEC P-18, server/services/photos/images.py).

export const MOST_PDF_BYTES = 8 * 1024 * 1024;
/** Bytes at the end in which the marks of the end must be. */
const TAIL = 1024;
const SLASH = 0x2f;
const ENCRYPT = /^\/Encrypt\s*(\d+\s+\d+\s+R\b|<<)/;
/** Longer than this mark is in any file. */
const MARK = 256;

/** The code of its sentence (sync/errors.json). */
export type PdfFault =
  | "document_empty"
  | "document_too_large"
  | "document_not_pdf"
  | "document_cut"
  | "document_locked";

export interface ReadPdf {
  readonly bytes: ArrayBuffer;
  /** In hex. */
  readonly sha256: string;
}

/** What its size alone says: asked before it is read. */
export function sizeFault(size: number): PdfFault | undefined {
  if (size === 0) return "document_empty";
  return size > MOST_PDF_BYTES ? "document_too_large" : undefined;
}

export function pdfFault(bytes: ArrayBuffer): PdfFault | undefined {
  const all = new Uint8Array(bytes);
  if (!text(all.subarray(0, 5)).startsWith("%PDF-")) return "document_not_pdf";
  const tail = text(all.subarray(-TAIL));
  if (!(tail.includes("%%EOF") && tail.includes("startxref"))) return "document_cut";
  return isLocked(all) ? "document_locked" : undefined;
}

/** Sought in the bytes: all of them as a text would be 16 MB. */
function isLocked(all: Uint8Array): boolean {
  for (let at = all.indexOf(SLASH); at >= 0; at = all.indexOf(SLASH, at + 1)) {
    if (all[at + 1] === 0x45 && ENCRYPT.test(text(all.subarray(at, at + MARK)))) return true;
  }
  return false;
}

/** A letter a byte. */
function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
