// A PDF comes in where its worker does not.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { newPage } from "../platform/stand-ins.testing";
import { takeInPdf } from "./take-in-pdf";

const TEXT = "%PDF-1.4\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n";

beforeEach(() => {
  newPage();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** A browser whose worker dies: before it is there, or of what it is asked. */
function dying(there: boolean): void {
  const worker = class {
    onerror = () => undefined;
    onmessage: (event: { data: null }) => void = () => undefined;
    constructor() {
      queueMicrotask(() => (there ? this.onmessage({ data: null }) : this.onerror()));
    }
    postMessage() {
      queueMicrotask(() => this.onerror());
    }
    terminate() {
      return undefined;
    }
  };
  vi.stubGlobal("Worker", worker);
}

it("P-17: where the worker's script does not come, the page reads it", async () => {
  dying(false);
  const taken = await takeInPdf(new File([TEXT], `${"x".repeat(300)}.pdf`));
  if (typeof taken === "string") throw new Error(taken);
  const [field, value] = taken.register;
  expect(value).toMatchObject({ size_bytes: TEXT.length, name: `${"x".repeat(196)}.pdf` });
  const [hash] = taken.bytes.map(({ sha256 }) => sha256);
  expect([value, field]).toEqual([
    expect.objectContaining({ sha256: hash }),
    `documents/${hash?.slice(0, 16)}`,
  ]);
});

it("where the worker dies of it, the phone lacks memory, and says so", async () => {
  dying(true);
  expect(await takeInPdf(new File([TEXT], "a.pdf"))).toBe("photo_memory");
});
