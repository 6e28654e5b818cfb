// What nobody waits for is done when the screen is drawn and the processor has nothing else to do.

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
