// Lets the app start without a network: holds exactly the files of one build, under that build's name, and answers
// only for those. What officers wrote and what the hub says never pass through it: no /api/, nothing but GET.
export {};

declare const self: ServiceWorkerGlobalScope;
declare const __VERSION__: string;
declare const __FILES__: readonly string[];

const HELD = `loa-app-${__VERSION__}`;

self.addEventListener("install", (event) => {
  const requests = __FILES__.map((file) => new Request(`/app/${file}`, { cache: "reload" }));
  event.waitUntil(caches.open(HELD).then((cache) => cache.addAll(requests)));
});

// A new version takes over when the officer says so, never under an open form.
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      const old = names.filter((name) => name.startsWith("loa-app-") && name !== HELD);
      await Promise.all(old.map((name) => caches.delete(name)));
      await self.clients.claim();
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !new URL(request.url).pathname.startsWith("/app/")) return;
  event.respondWith(answer(request));
});

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(HELD);
  // The screen is behind the #: every address of the app is the one page.
  const held = await cache.match(request.mode === "navigate" ? "/app/" : request);
  return held ?? fetch(request);
}
