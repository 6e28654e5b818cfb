// A PDF is on the disk before a draft names it, and comes in where its worker does not.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import type { Db } from "../db/schema";
import { newPage } from "../platform/stand-ins.testing";
import { takeInPdf } from "./take-in-pdf";

const TEXT = "%PDF-1.4\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n";
let db: Db;

beforeEach(async () => {
  newPage();
  db = await phone();
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
  const taken = await takeInPdf(db, new File([TEXT], `${"x".repeat(300)}.pdf`));
  if (typeof taken === "string") throw new Error(taken);
  const [field, value] = taken;
  expect(value).toMatchObject({ size_bytes: TEXT.length, name: `${"x".repeat(196)}.pdf` });
  const [hash] = await db.getAllKeys("bytes");
  expect([value, field]).toEqual([
    expect.objectContaining({ sha256: hash }),
    `documents/${String(hash).slice(0, 16)}`,
  ]);
});

it("where the worker dies of it, the phone lacks memory, and nothing is kept", async () => {
  dying(true);
  expect(await takeInPdf(db, new File([TEXT], "a.pdf"))).toBe("photo_memory");
  expect(await db.getAllKeys("bytes")).toEqual([]);
});
