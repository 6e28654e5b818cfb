// Takes a PDF in: read and judged in a worker, and its bytes are on the disk before a draft names them. For one that cannot
// be taken in it returns the code of the sentence that says why.
import type { PdfFault, ReadPdf } from "../core/pdf";
import { DOCUMENT_PREFIX } from "../core/record";
import { normal } from "../core/text";
import type { Value } from "../core/write";
import type { Db } from "../db/schema";
import { now } from "../platform/clock";
import { OUT_OF_MEMORY } from "./shrink";

/** As long as the server takes (SPEC P-17). */
const LONGEST_NAME = 200;

/** Its register (SPEC S-13, P-17), or why there is none. Under the lock of photos, which holds off what deletes bytes. */
export function takeInPdf(
  db: Db,
  file: File,
): Promise<readonly [string, Value] | PdfFault | typeof OUT_OF_MEMORY> {
  return navigator.locks.request("loa-photo", async () => {
    const read = await readPdf(file);
    if (typeof read === "string") return read;
    const { bytes, sha256 } = read;
    const size_bytes = bytes.byteLength;
    await db.put("bytes", bytes, sha256);
    const name = [...normal(file.name)].slice(0, LONGEST_NAME).join("") || "van-ban.pdf";
    const value = { sha256, size_bytes, type: "application/pdf", name, added_at: now() };
    return [DOCUMENT_PREFIX + sha256.slice(0, 16), value] as const;
  });
}

function readPdf(file: File): Promise<ReadPdf | PdfFault | typeof OUT_OF_MEMORY> {
  const worker = new Worker(new URL("./pdf-worker.ts", import.meta.url), { type: "module" });
  const done = new Promise<ReadPdf | PdfFault | typeof OUT_OF_MEMORY>((resolve) => {
    worker.onerror = () => resolve(OUT_OF_MEMORY);
    worker.onmessage = ({ data }: MessageEvent<ReadPdf | PdfFault>) => resolve(data);
    worker.postMessage(file);
  });
  return done.finally(() => worker.terminate());
}
