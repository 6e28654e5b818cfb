// The worker that reads a PDF: a form goes on answering while it works (take-in-pdf.ts). It is fetched for the first PDF
// of a page. It answers the one file it is sent with its bytes and their hash, or with what is wrong.
import { type PdfFault, pdfFault, type ReadPdf, sizeFault } from "../core/pdf";
import { hashOf } from "./shrink";

async function read(file: File): Promise<ReadPdf | PdfFault> {
  const fault = sizeFault(file.size);
  if (fault) return fault;
  try {
    const bytes = await file.arrayBuffer();
    return pdfFault(bytes) ?? { bytes, sha256: await hashOf(bytes) };
  } catch {
    // It lies somewhere else, and was not fetched whole.
    return "document_cut";
  }
}

addEventListener("message", async ({ data }: MessageEvent<File>) => {
  const answer = await read(data);
  postMessage(answer, { transfer: typeof answer === "string" ? [] : [answer.bytes] });
});
