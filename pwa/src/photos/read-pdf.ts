// Reads a PDF and judges it: in the worker (pdf-worker.ts), or on the page where that did not come.
import { type PdfFault, pdfFault, type ReadPdf, sizeFault } from "../core/pdf";
import { hashOf } from "../platform/ids";
import { OUT_OF_MEMORY } from "./shrink";

/** Why a PDF is not taken in: the code of its sentence. */
export type PdfRefused = PdfFault | typeof OUT_OF_MEMORY;

/** Its bytes and their hash, or what is wrong. */
export async function readPdf(file: File): Promise<ReadPdf | PdfRefused> {
  const fault = sizeFault(file.size);
  if (fault) return fault;
  try {
    const bytes = await file.arrayBuffer();
    return pdfFault(bytes) ?? { bytes, sha256: await hashOf(bytes) };
  } catch (error) {
    // It lies somewhere else, and was not fetched whole; anything else says nothing of the file.
    const away = ["NotFoundError", "NotReadableError"].includes((error as Error).name);
    return away ? "document_cut" : OUT_OF_MEMORY;
  }
}
