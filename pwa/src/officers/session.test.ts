// Who uses this phone: each officer's data apart, and never touched by what becomes of a token (SPEC W-7).
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { openDevice, thumbsOf } from "../db/schema";
import { KEPT } from "../db/unsent";
import { newPage } from "../platform/stand-ins.testing";
import { isLocked, unlock } from "./lock";
import type { Session } from "./officer";
import { choosePin, isPin } from "./pin";
import { beginLeaving, beginSession, finishLeaving, leavers, officers, takeTurn, update } from "./session";

beforeEach(() => {
  newPage();
});
afterEach(async () => {
  for (const session of await officers()) await beginLeaving(session);
  await finishLeaving();
  vi.unstubAllGlobals();
});

async function join(officer: string, nth = 1): Promise<Session> {
  await beginSession({ officer, token: `${officer} ${nth}`, device: `${officer}-${nth}`, rescue_key: "k" });
  return first();
}

async function first(): Promise<Session> {
  const [session] = await officers();
  if (!session) throw new Error("nobody");
  return session;
}

it("a new code for the same officer brings a new token and device, and the outbox goes on under it", async () => {
  const before = await join("one");
  await update(before, { ended: true });
  const after = await join("one", 2);
  expect(after).toMatchObject({ token: "one 2", device: "one-2", database: "loa-one-1", ended: false });
  expect(await officers()).toHaveLength(1);
});

it("another officer's data is another database; whose turn it is comes first", async () => {
  const one = await join("one");
  const two = await join("two");
  expect(two.database).not.toBe(one.database);
  expect((await officers()).map(({ officer }) => officer)).toEqual(["two", "one"]);
  await takeTurn(one);
  expect((await officers()).map(({ officer }) => officer)).toEqual(["one", "two"]);
});

it("a 401 to a token of before ends no session that began since", async () => {
  const before = await join("one");
  await join("one", 2);
  await update(before, { ended: true });
  expect((await first()).ended).toBe(false);
});

it("a PIN that was given stays with a new code; one that nobody gave is forgotten", async () => {
  await choosePin(await join("one"), "1234");
  unlock("one");
  expect((await join("one", 2)).pin).toBeDefined();
  unlock("somebody else");
  expect(isLocked(await first())).toBe(true);
  expect((await join("one", 3)).pin).toBeUndefined();
});

it("wrong tries of a PIN are counted on the disk before they are judged, and a right one ends them", async () => {
  await choosePin(await join("one"), "1234");
  expect(await isPin(await first(), "0000")).toBe(false);
  expect((await first()).pin?.wrong).toBe(1);
  const begun = vi.spyOn(crypto.subtle, "importKey"); // what judges it
  let counted: number | undefined;
  begun.mockImplementationOnce(async (...how: Parameters<SubtleCrypto["importKey"]>) => {
    counted = (await first()).pin?.wrong;
    return crypto.subtle.importKey(...how);
  });
  expect(await isPin(await first(), "1234")).toBe(true);
  expect(counted).toBe(2);
  begun.mockRestore();
  expect((await first()).pin?.wrong).toBe(0);
});

/** What is on this phone under the names of officers. */
async function traces(): Promise<string[]> {
  const databases = (await indexedDB.databases()).map(({ name }) => name ?? "");
  const kept = Object.keys(localStorage).filter((key) => key.startsWith("loa-unsent"));
  return [...databases.filter((name) => name.startsWith("loa-")), ...(await caches.keys()), ...kept].sort();
}

async function inUse(session: Session): Promise<void> {
  const db = await openDevice(session.database);
  await caches.open(thumbsOf(db));
  await caches.open(`loa-inbox ${session.database}`);
  localStorage.setItem(KEPT + session.database, "BR-1");
  db.close();
}

/** Nothing more is done from this step on. */
function killedAt(step: string): void {
  const killed = () => {
    throw new Error("killed");
  };
  if (step === "mark") vi.spyOn(caches, "keys").mockImplementation(killed);
  if (step === "caches") vi.spyOn(caches, "delete").mockImplementation(killed);
  if (step === "database") vi.spyOn(indexedDB, "deleteDatabase").mockImplementation(killed);
}

it.each(["mark", "caches", "database"])(
  "an officer who leaves is none of this phone's from the first step on; killed behind the %s, all is cleared at the next start",
  async (step) => {
    const two = await join("two");
    const one = await join("one");
    for (const session of [one, two]) await inUse(session);
    const before = await traces();
    await beginLeaving(one);
    expect((await officers()).map(({ officer }) => officer)).toEqual(["two"]);
    killedAt(step);
    await expect(finishLeaving()).rejects.toThrow();
    vi.restoreAllMocks();
    // Nor did the browser write down that its note went.
    localStorage.setItem(KEPT + one.database, "BR-1");
    await finishLeaving();
    expect(await traces()).toEqual(before.filter((name) => !name.includes(one.database)));
    expect((await officers()).map(({ officer }) => officer)).toEqual(["two"]);
  },
);

it("a note that comes back after later starts goes with the next one, and a day later nothing is left of who left", async () => {
  const one = await join("one");
  await inUse(one);
  await beginLeaving(one);
  for (let start = 0; start < 3; start += 1) {
    await finishLeaving();
    expect(await traces()).toEqual([]);
    expect(await leavers()).toContain(one.database);
    localStorage.setItem(KEPT + one.database, "BR-1");
  }
  vi.setSystemTime(Date.now() + 86_400_001);
  await finishLeaving();
  expect(await traces()).toEqual([]);
  expect(await leavers()).toEqual([]);
  vi.useRealTimers();
});

it("who leaves while another page holds their database is gone all the same; it is cleared once that page is", async () => {
  const one = await join("one");
  await inUse(one);
  const held = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open(one.database);
    opening.onsuccess = () => resolve(opening.result);
  });
  await beginLeaving(one);
  await finishLeaving();
  expect(await officers()).toEqual([]);
  expect(await traces()).toContain(one.database);
  held.close();
  await finishLeaving();
  expect(await traces()).toEqual([]);
});

it("who comes back before all was cleared has a database of their own, and keeps it", async () => {
  const one = await join("one");
  await inUse(one);
  await beginLeaving(one);
  const again = await join("one", 2);
  expect(again.database).not.toBe(one.database);
  await inUse(again);
  await finishLeaving();
  expect((await traces()).filter((name) => name.includes(one.database))).toEqual([]);
  expect((await traces()).filter((name) => name.includes(again.database))).toHaveLength(4);
});
