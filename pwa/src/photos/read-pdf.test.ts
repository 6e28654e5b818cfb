import { expect, test as it } from "vitest";
import { readPdf } from "./read-pdf";

const TEXT = "%PDF-1.4\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n";

/** A file that the browser fails to read. */
function failing(error: Error): File {
  return Object.assign(new File([TEXT], "a.pdf"), { arrayBuffer: () => Promise.reject(error) });
}

it("its bytes with their hash, or the fault of the file", async () => {
  const read = await readPdf(new File([TEXT], "a.pdf"));
  expect(read).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(await readPdf(new File(["PK"], "a.pdf"))).toBe("document_not_pdf");
  expect(await readPdf(new File([], "a.pdf"))).toBe("document_empty");
});

it("what lies elsewhere and did not come whole is cut; a phone out of memory says nothing of the file", async () => {
  expect(await readPdf(failing(new DOMException("away", "NotReadableError")))).toBe("document_cut");
  expect(await readPdf(failing(new RangeError("Array buffer allocation failed")))).toBe("photo_memory");
});
