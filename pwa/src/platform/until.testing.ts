import { vi } from "vitest";

/** Waits until `look` throws no more. It looks for what stays: a state that passes may be over before the first look. A busy machine may take long. */
export function until<T>(look: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(look, { timeout: 15_000 });
}
