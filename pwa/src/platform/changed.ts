// "Something on this phone changed": every screen of every tab reads the database anew. It carries no data, so that the
// database is the only truth.
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
