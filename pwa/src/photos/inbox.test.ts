import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { INBOX, layIntoInbox } from "./inbox";

let page: Page;

beforeEach(() => {
  page = newPage();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function files(...texts: string[]): File[] {
  return texts.map((text, nth) => new File([text], "a.jpg", { lastModified: nth }));
}

async function lying(): Promise<string[]> {
  const inbox = await page.caches.open(INBOX);
  return Promise.all((await inbox.keys()).map(async (key) => (await inbox.match(key))?.text() ?? ""));
}

it("photos lie as they came, in their order, the same one twice if it came twice", async () => {
  await layIntoInbox(files("one", "two", "one"), "forwarded");
  expect(await lying()).toEqual(["one", "two", "one"]);
});

it("where the last of them finds no room none is kept, and what lay there before stays", async () => {
  await layIntoInbox(files("before"), "gallery");
  page.caches.room = 7;
  await expect(layIntoInbox(files("one", "two", "three"), "forwarded")).rejects.toMatchObject({
    name: "QuotaExceededError",
  });
  expect(await lying()).toEqual(["before"]);
  expect(page.caches.room).toBe(7);
});
