// "Something on this phone changed": told to every screen of every tab, which then read anew. Carries no data, so
// there is one truth, the database.
const listeners = new Set<() => void>();
const tabs = new BroadcastChannel("loa");

function tell(): void {
  for (const listener of listeners) listener();
}

tabs.onmessage = tell;

export function changed(): void {
  tabs.postMessage(0);
  tell();
}

export function onChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
