// The worker that the server serves in place of the app's where a build must be called back (LOA_RETIRE_WORKER): it takes
// over at once, lets go of the app's files and of itself, and touches nothing that officers made. An open page goes on;
// the next start comes from the network.
export {};

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(retire());
});

async function retire(): Promise<void> {
  const held = (await caches.keys()).filter((name) => name.startsWith("loa-app-"));
  await Promise.all(held.map((name) => caches.delete(name)));
  await self.registration.unregister();
}
