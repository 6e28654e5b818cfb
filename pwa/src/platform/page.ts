// The page: what it does when nobody waits for it, and how it begins anew. What is in its memory alone, a shot on its way to the disk
// say, holds it: as long as there is some, nothing begins it anew.

/** Until then at the longest. */
const LATEST_MS = 1_000;
/** Where the browser does not say when that is (Safari). */
const SOON_MS = 200;

/** Behind the next frame: what was set just now is on the screen. A page that nobody looks at has no frames, so none is waited for
 * long: a phone that was opened and pocketed sends all the same. */
export function whenIdle(work: () => unknown): void {
  const idle = () => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => void work(), { timeout: LATEST_MS });
    else setTimeout(work, SOON_MS);
  };
  let begun = false;
  const begin = () => {
    if (!begun) idle();
    begun = true;
  };
  setTimeout(begin, document.hidden ? 0 : LATEST_MS);
  requestAnimationFrame(() => setTimeout(begin));
}

/** And whether the browser is to ask. */
const holders = new Map<object, boolean>();
const waiting: (() => void)[] = [];

/** Returns how to let go. `asks`: for as long as an officer leaves it; the browser asks before somebody closes the page. */
export function holdPage(asks = false): () => void {
  const holder = {};
  holders.set(holder, asks);
  if (asks) addEventListener("beforeunload", ask);
  return () => {
    holders.delete(holder);
    if (asks && ![...holders.values()].includes(true)) removeEventListener("beforeunload", ask);
    if (holders.size > 0) return;
    for (const act of waiting.splice(0)) act();
  };
}

function ask(event: Event): void {
  event.preventDefault();
}

/** At once, which it returns, or when nothing holds the page any more. */
export function whenLetGo(act: () => void): boolean {
  const free = holders.size === 0;
  if (free) act();
  else waiting.push(act);
  return free;
}

/**
 * The one way to begin the page anew, here or at another address. Returns whether it does so at once. A worker, which has no page, opens
 * what it needs the next time.
 */
export function beginAnew(address?: string): boolean {
  if (!("document" in globalThis)) return false;
  return whenLetGo(() => {
    if (address) location.replace(address);
    else location.reload();
  });
}
