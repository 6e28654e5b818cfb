// Takes a PDF in: read and judged in a worker. Its bytes go to the disk in the transaction that has a draft name them. For one that cannot be
// taken in it returns the code of the sentence that says why.
import { registerName } from "../core/documents";
import type { ReadPdf } from "../core/pdf";
import { DOCUMENT_PREFIX, type Value } from "../core/record";
import { now } from "../platform/clock";
import { askWorker } from "./ask-worker";
import { type PdfRefused, readPdf } from "./read-pdf";
import { inTurn, type ReadyFileWithBytes } from "./take-in";

/** The register of a PDF (SPEC S-13, P-17). */
export function pdfRegister(
  { bytes, sha256 }: ReadPdf,
  file: File,
  added_at = now(),
): readonly [string, Value] {
  const name = registerName(file.name);
  const value = { sha256, size_bytes: bytes.byteLength, type: "application/pdf", name, added_at };
  return [DOCUMENT_PREFIX + sha256.slice(0, 16), value];
}

/** Of one that comes just now. Photos have this lock too, so that one file at a time is in memory. */
export function takeInPdf(file: File): Promise<ReadyFileWithBytes | PdfRefused> {
  return inTurn(() => readPdfFile(file, now()));
}

export async function readPdfFile(file: File, added_at: number): Promise<ReadyFileWithBytes | PdfRefused> {
  const read = await judged(file);
  if (typeof read === "string") return read;
  return { register: pdfRegister(read, file, added_at), remark: undefined, bytes: [read] };
}

/** Read and judged in a worker. */
function judged(file: File): Promise<ReadPdf | PdfRefused> {
  const worker = new Worker(new URL("./pdf-worker.ts", import.meta.url), { type: "module" });
  return askWorker(worker, file, () => readPdf(file));
}

/** A PDF that is kept nowhere: for a file that takes it along. */
export function lookAtPdf(file: File): Promise<ReadPdf | PdfRefused> {
  return inTurn(() => readPdf(file));
}
