// "Something on this phone changed": every screen of every tab reads the database anew. It carries no data, so that the
// database is the only truth.
const listeners = new Set<() => void>();
const tabs = new BroadcastChannel("loa");

let count = 0;

function tell(): void {
  count += 1;
  for (const listener of listeners) listener();
}

tabs.onmessage = tell;

/** How often something changed until now: what was read at the same count is not read again. */
export function changeCount(): number {
  return count;
}

export function changed(): void {
  tabs.postMessage(0);
  tell();
}

export function onChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
