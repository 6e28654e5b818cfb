// A PIN is kept as what PBKDF2 makes of it. Each wrong try makes the next one slower: tries are counted on the disk
// before they are judged, and no clock is asked, so neither ending the app nor setting the time helps.
import { encodeId } from "../platform/ids";
import type { Session } from "./officer";
import { officers, update } from "./session";

const ROUNDS = 200_000;
const FREE = 3;
const LONGEST_S = 300;

export async function choosePin(session: Session, pin: string): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  await update(session, { pin: { salt, hash: await derived(pin, salt), wrong: 0 } });
}

/** Whether it is the PIN, said after `waitS`. One try at a time, whatever the number of tabs. */
export function isPin({ officer }: Session, given: string): Promise<boolean> {
  return navigator.locks.request("loa-pin", async () => {
    const session = (await officers()).find((one) => one.officer === officer);
    const pin = session?.pin;
    if (!pin) return true;
    await update(session, { pin: { ...pin, wrong: pin.wrong + 1 } });
    await new Promise((done) => setTimeout(done, waitS(pin.wrong) * 1000));
    const right = (await derived(given, pin.salt)) === pin.hash;
    if (right) await update(session, { pin: { ...pin, wrong: 0 } });
    return right;
  });
}

/** Seconds that a try takes after so many wrong ones. */
export function waitS(wrong: number): number {
  return wrong < FREE ? 0 : Math.min(LONGEST_S, 2 ** (wrong - FREE + 1));
}

async function derived(pin: string, salt: BufferSource): Promise<string> {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, [
    "deriveBits",
  ]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return encodeId(new Uint8Array(await crypto.subtle.deriveBits(how, key, 256)));
}
