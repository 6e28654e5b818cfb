// Who uses this phone: each officer's data apart, and never touched by what becomes of a token (SPEC X-14).
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { newPage } from "../platform/stand-ins.testing";
import { isLocked, unlock } from "./lock";
import type { Session } from "./officer";
import { choosePin, isPin } from "./pin";
import { beginSession, forgetSession, officers, takeTurn, update } from "./session";

beforeEach(() => {
  newPage();
});
afterEach(async () => {
  for (const session of await officers()) await forgetSession(session);
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
