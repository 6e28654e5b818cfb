// A PDF of others: fetched when it is asked for, and why it is not there said by its cause.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import type { Db } from "../db/schema";
import { type Asked, serve } from "../platform/server.testing";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { documentBytes } from "./document-bytes";

let page: Page;
let db: Db;
let asked: readonly Asked[];

beforeEach(async () => {
  page = newPage();
  db = await phone({ bytes: { own: new TextEncoder().encode("mine").buffer } });
  asked = serve(({ path }) => new Response(path));
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function opened(sha256: string, wanted = () => true): Promise<string | undefined> {
  const found = await documentBytes(db, "t", "r", [`documents/${sha256}`, { sha256 }], wanted);
  return found instanceof ArrayBuffer ? new TextDecoder().decode(found) : found;
}

it("P-19: from this phone, else from the server by record, and not behind pictures that hang", async () => {
  void page.locks.request("loa-picture", () => new Promise(() => undefined));
  expect(await opened("own")).toBe("mine");
  expect(await opened("h")).toBe("records/r/documents/h");
  expect(asked).toHaveLength(1);
});

it("says why there is none", async () => {
  serve(({ path }) => new Response(null, { status: path.endsWith("/new") ? 404 : 503 }));
  expect([await opened("new"), await opened("h")]).toEqual(["document_coming", "unavailable"]);
  serve(() => Promise.reject(new TypeError("no network")));
  expect(await opened("h")).toBe("unreachable");
  page.navigator.onLine = false;
  expect(await opened("h")).toBe("document_away");
});

it("of a screen that was left nothing is fetched, and what comes after it is not opened", async () => {
  expect(await opened("h", () => false)).toBeUndefined();
  expect(asked).toEqual([]);
  const turns = [true, false];
  expect(await opened("h", () => turns.shift() === true)).toBeUndefined();
  expect(asked).toHaveLength(1);
});
