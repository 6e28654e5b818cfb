// Pictures of others: fetched once, shown from then on without a network, and on a full phone all the same.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import { type Db, thumbsOf } from "../db/schema";
import { type Asked, serve } from "../platform/server.testing";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { bytesOf } from "./pictures";

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

async function picture(hash: string, size = "thumb", wanted = true): Promise<string | undefined> {
  const bytes = await bytesOf(db, "t", `records/r/photos/${hash}/${size}`, hash, () => wanted);
  return bytes && new TextDecoder().decode(bytes);
}

it("what this phone has itself is asked of nobody", async () => {
  expect(await picture("own")).toBe("mine");
  expect(asked).toEqual([]);
});

it("a thumbnail is fetched once and is there without a network; a large one is not kept", async () => {
  expect(await picture("h")).toBe("records/r/photos/h/thumb");
  expect(await picture("big", "full")).toBe("records/r/photos/big/full");
  page.navigator.onLine = false;
  expect(await picture("h")).toBe("records/r/photos/h/thumb");
  expect(await picture("big", "full")).toBeUndefined();
  expect(asked).toHaveLength(2);
});

it("on a full phone a fetched thumbnail is shown all the same, and fetched again the next time", async () => {
  page.caches.room = 0;
  expect(await picture("h")).toBe("records/r/photos/h/thumb");
  expect(await picture("h")).toBe("records/r/photos/h/thumb");
  expect(asked).toHaveLength(2);
});

it("what left the screen before its turn came is not fetched", async () => {
  expect(await picture("h", "thumb", false)).toBeUndefined();
  expect(asked).toEqual([]);
});

it("one at a time; a server that has not got one yet holds up no other", async () => {
  let [now, most] = [0, 0];
  serve(async ({ path }) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now -= 1;
    return path.includes("/a/") ? new Response(null, { status: 404 }) : new Response("b");
  });
  expect(await Promise.all([picture("a"), picture("b"), picture("c")])).toEqual([undefined, "b", "b"]);
  expect(most).toBe(1);
});

it("of the thumbnails the last three hundred stay", async () => {
  const cache = await page.caches.open(thumbsOf(db));
  for (let nth = 0; nth < 300; nth += 1) await cache.put(`old${nth}`, new Response("x"));
  await picture("new");
  expect(await cache.keys()).toHaveLength(300);
  expect(await cache.match("old0")).toBeUndefined();
  expect(await cache.match("new")).toBeDefined();
});
