import { expect, test as it } from "vitest";
import { MOST_PDF_BYTES, pdfFault, sizeFault } from "./pdf";

const END = "trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n";
const fault = (text: string) => pdfFault(new TextEncoder().encode(text).buffer);

it("P-18: takes a whole PDF of up to 8 MiB", () => {
  expect(fault(`%PDF-1.4\nĐây là kế hoạch /Encrypted\n${END}`)).toBeUndefined();
  expect([1, MOST_PDF_BYTES].map(sizeFault)).toEqual([undefined, undefined]);
});

it("P-18: says what is wrong before anything is saved", () => {
  expect([0, MOST_PDF_BYTES + 1].map(sizeFault)).toEqual(["document_empty", "document_too_large"]);
  expect(fault("PK\x03\x04 a Word file")).toBe("document_not_pdf");
  // Another kind of file before it.
  expect(fault(`MZ%PDF-1.4\n${END}`)).toBe("document_not_pdf");
  expect(fault(`%PDF-1.4\n${END}${"x".repeat(2000)}`)).toBe("document_cut");
  for (const key of ["/Encrypt 5 0 R", "/Encrypt<< /V 5 >>"])
    expect(fault(`%PDF-1.7\n${key}\n${END}`)).toBe("document_locked");
});

it("P-18: finds the mark of a lock wherever it stands, and takes nothing else for it", () => {
  for (const at of [0, 63, 70_000])
    expect(fault(`%PDF-1.7\n${"/E".repeat(at)}/Encrypt ${" ".repeat(9)}12 0 R\n${END}`)).toBe(
      "document_locked",
    );
  expect(fault(`%PDF-1.7\n/Encrypt 12\n/EncryptMetadata true\n${END}`)).toBeUndefined();
  expect(fault("%PDF")).toBe("document_not_pdf");
});
