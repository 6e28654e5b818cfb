// Lets the app start without a network: holds exactly the files of one build, under that build's name.
// It answers only for those files. What officers wrote and what the server says never pass through a cache.
export {};

declare const self: ServiceWorkerGlobalScope;
declare const __VERSION__: string;
declare const __FILES__: readonly string[];

const HELD = `loa-app-${__VERSION__}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(HELD).then((cache) => cache.addAll(__FILES__.map((file) => `/app/${file}`))));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys().then(async (names) => {
      const old = names.filter((name) => name.startsWith("loa-app-") && name !== HELD);
      await Promise.all(old.map((name) => caches.delete(name)));
    }),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = request.mode === "navigate" ? "/app/" : request.url;
  if (request.method !== "GET" || !new URL(request.url).pathname.startsWith("/app/")) return;
  event.respondWith(caches.match(address).then((held) => held ?? fetch(request)));
});
