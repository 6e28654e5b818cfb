// What the bytes of a file say against it as a PDF, before anything is saved. The server finds the same, and opens it
// besides (SPEC P-18, server/services/photos/documents.py).

export const MOST_PDF_BYTES = 8 * 1024 * 1024;
/** Bytes at the end in which the marks of the end must be. */
const TAIL = 1024;
const ENCRYPT = /\/Encrypt\s*(\d+\s+\d+\s+R\b|<<)/;

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
  // A letter a byte, so that places in the text are places in the file.
  const text = new TextDecoder("latin1").decode(bytes);
  if (!text.startsWith("%PDF-")) return "document_not_pdf";
  const tail = text.slice(-TAIL);
  if (!(tail.includes("%%EOF") && tail.includes("startxref"))) return "document_cut";
  return ENCRYPT.test(text) ? "document_locked" : undefined;
}
