// The worker that reads a PDF: a form goes on answering while it works (take-in-pdf.ts). It is fetched for the first PDF
// of a page. It says once that it is there, then answers the file it is sent.
import { readPdf } from "./read-pdf";

addEventListener("message", async ({ data }: MessageEvent<File>) => {
  const answer = await readPdf(data);
  postMessage(answer, { transfer: typeof answer === "string" ? [] : [answer.bytes] });
});

postMessage(null);
