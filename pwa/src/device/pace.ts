// How many bytes to send at once: small enough that a cut costs little, as many as pass in about eight seconds.
export const SMALLEST = 32 * 1024;
const LARGEST = 4 * 1024 * 1024;
const TARGET_MS = 8_000;

/** After `bytes` passed in `took_ms`. It at most doubles: one lucky chunk proves little. */
export function nextChunk(bytes: number, took_ms: number): number {
  const passing = (bytes * TARGET_MS) / Math.max(took_ms, 1);
  return Math.round(Math.min(LARGEST, Math.max(SMALLEST, Math.min(passing, bytes * 2))));
}
