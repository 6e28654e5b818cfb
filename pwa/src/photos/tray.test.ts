// Whose the photos are that lie in the inbox: of the officer who looks first, and of nobody else from then on.
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { beginSession, forgetSession, officers, takeTurn } from "../officers/session";
import { newPage, type Page } from "../platform/stand-ins.testing";
import { layIntoInbox } from "./inbox";
import { alone, claimInbox, fileOf, laid, takeOut, trayOf } from "./tray";

let page: Page;

beforeEach(async () => {
  page = newPage();
  await join("one");
});
afterEach(async () => {
  for (const session of await officers()) await forgetSession(session);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function join(officer: string): Promise<void> {
  return beginSession({ officer, token: officer, device: officer, rescue_key: "" });
}

async function turnOf(officer: string): Promise<void> {
  const session = (await officers()).find((one) => one.officer === officer);
  if (session) await takeTurn(session);
}

function lay(...texts: string[]): Promise<void> {
  return layIntoInbox(
    texts.map((text, nth) => new File([text], "a.jpg", { lastModified: 1000 + nth })),
    "forwarded",
  );
}

async function texts(): Promise<string[]> {
  return Promise.all((await laid()).map(async (key) => (await fileOf(key))[0].text()));
}

it("they wait for the officer who looked first, whoever has the phone meanwhile", async () => {
  await lay("a", "b");
  expect(await texts()).toEqual([]);
  await claimInbox();
  await join("two");
  await claimInbox();
  expect(await texts()).toEqual([]);
  await turnOf("one");
  expect(await texts()).toEqual(["a", "b"]);
});

it("a photo says how it came and when it was made, and is there until it is taken out", async () => {
  await lay("a", "b");
  await claimInbox();
  const [first, second] = await laid();
  if (!(first && second)) throw new Error("nothing lies there");
  expect((await fileOf(second)).slice(1)).toEqual(["forwarded", 1001]);
  await takeOut(first);
  expect(await texts()).toEqual(["b"]);
});

it("on a full phone what cannot become an officer's stays in the inbox, and becomes theirs when there is room", async () => {
  await lay("a", "bcd");
  page.caches.room = 2;
  await expect(claimInbox()).rejects.toMatchObject({ name: "QuotaExceededError" });
  expect(await texts()).toEqual(["a"]);
  page.caches.room = 9;
  await claimInbox();
  expect(await texts()).toEqual(["a", "bcd"]);
});

it("what one window claimed and took in comes back by no other that looked at the same time", async () => {
  await lay("a");
  const tray = await page.caches.open(trayOf("loa-one"));
  const put = tray.put.bind(tray);
  let go: () => void = () => undefined;
  const taken = new Promise<void>((resolve) => {
    go = resolve;
  });
  const after =
    (time: Promise<unknown>) =>
    (...row: Parameters<typeof put>) =>
      time.then(() => put(...row));
  const soon = new Promise((resolve) => setTimeout(resolve, 20));
  vi.spyOn(tray, "put").mockImplementationOnce(after(soon)).mockImplementation(after(taken));
  const claims = [claimInbox(), claimInbox()];
  await claims[0];
  const [key] = await laid();
  if (!key) throw new Error("nothing lies there");
  await takeOut(key);
  go();
  await claims[1];
  expect(await texts()).toEqual([]);
});

it("they are taken in by one window at a time; the other is told so, and does nothing", async () => {
  let end: () => void = () => undefined;
  const first = alone(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const second = vi.fn();
  expect(await alone(second)).toBe(false);
  expect(second).not.toHaveBeenCalled();
  end();
  expect(await first).toBe(true);
  expect(await alone(second)).toBe(true);
});
