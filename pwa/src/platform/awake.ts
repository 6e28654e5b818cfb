// Keeps the screen on while photos go and the app is looked at: a phone that sleeps stops sending. Where the browser cannot, or
// the battery is low, nothing is kept; nor where there is no page.
let held: WakeLockSentinel | undefined;
let wanted = 0;

export async function stayAwake<T>(work: () => Promise<T>): Promise<T> {
  if (!globalThis.document) return work();
  wanted += 1;
  try {
    if (!(held || document.hidden)) held = await navigator.wakeLock?.request("screen").catch(() => undefined);
    return await work();
  } finally {
    wanted -= 1;
    if (wanted === 0) {
      void held?.release().catch(() => undefined);
      held = undefined;
    }
  }
}
