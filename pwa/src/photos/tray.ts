// Each officer's own tray of photos that came several at once. The worker that lays them into the inbox does not know who
// holds the phone: they are of the officer who looks first, for the app is opened with them, and wait for nobody else
// from then on, whoever has the phone meanwhile.

import { officers } from "../officers/session";
import { INBOX, type Source } from "./inbox";

/** By the name of the officer's database. */
export function trayOf(database = ""): string {
  return `${INBOX} ${database}`;
}

async function ownTray(): Promise<Cache> {
  const [first] = await officers();
  return caches.open(trayOf(first?.database));
}

/** Another window may be at it, or be frozen amid it. */
const WAIT_MS = 2_000;

/**
 * What lies in the inbox becomes that of the officer whose turn it is. Called where their screens are looked at, behind
 * the lock. Rejects on a full phone, and where another window has it for long: it stays there then.
 */
export async function claimInbox(): Promise<void> {
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), WAIT_MS);
  await navigator.locks.request(INBOX, { signal: wait.signal }, async () => {
    clearTimeout(timer);
    const own = await ownTray();
    const inbox = await caches.open(INBOX);
    for (const key of await inbox.keys()) {
      const held = await inbox.match(key);
      if (held) await own.put(key, held);
      await inbox.delete(key);
    }
  });
}

/** What waits for the officer whose turn it is. */
export async function laid(): Promise<readonly Request[]> {
  return (await ownTray()).keys();
}

/** They are taken in by one at a time, in whichever window; false, and nothing done, while that is under way. */
export function alone(takeIn: () => Promise<void>): Promise<boolean> {
  return navigator.locks.request("loa-together", { ifAvailable: true }, async (lock) => {
    if (lock) await takeIn();
    return lock !== null;
  });
}

/** With its source and its time, as a photo is taken in. */
export async function fileOf(key: Request): Promise<[Blob, Source, number]> {
  const held = await caches.match(key);
  const [source, at] = key.url.split("/").slice(-2);
  return [held ? await held.blob() : new Blob(), source as Source, Number(at)];
}

export async function takeOut(key: Request): Promise<void> {
  await (await ownTray()).delete(key);
}
