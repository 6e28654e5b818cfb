// Lets the app start without a network: holds exactly the files of one build, under that build's name, and answers
// only for those: no /api/, nothing but GET. The one POST is the phone's own, photos and PDF files that another app hands
// over (the manifest's share_target): it never leaves the phone. What waits for the server it hands in, the app closed or not.

import { layIntoInbox } from "../photos/inbox";
import { handIn } from "./hand-in";

declare const self: ServiceWorkerGlobalScope;
declare const __VERSION__: string;
declare const __FILES__: readonly string[];

const HELD = `loa-app-${__VERSION__}`;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(HELD).then((cache) => Promise.all(__FILES__.map((file) => hold(cache, file)))));
});

/** A name with a hash in it stands for its content: what an older build held, or the page has just had, is not fetched again. */
async function hold(cache: Cache, file: string): Promise<void> {
  const hashed = file.startsWith("assets/");
  const request = new Request(`/app/${file}`, { cache: hashed ? "default" : "reload" });
  const held = hashed && (await caches.match(request));
  return held ? cache.put(request, held) : cache.add(request);
}

// A new version takes over when the officer says so, never under an open form.
self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});

/** The older build goes, unless another page of it is open, which may still ask for a part of it. */
async function takeOver(): Promise<void> {
  const pages = await self.clients.matchAll({ includeUncontrolled: true });
  const old = (await caches.keys()).filter((name) => name.startsWith("loa-app-") && name !== HELD);
  if (pages.length < 2) await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.method === "GET" && pathname.startsWith("/app/")) event.respondWith(answer(request));
  if (request.method === "POST" && pathname === "/app/inbox") event.respondWith(taken(request));
});

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(HELD);
  // The screen is behind the #: every address of the app is the one page.
  const held = await cache.match(request.mode === "navigate" ? "/app/" : request);
  return held ?? (await caches.match(request)) ?? fetch(request);
}

/** Then the app is opened, which asks what is to become of them; or says that there is no room and none was kept. */
async function taken(request: Request): Promise<Response> {
  const parts = (await request.formData()).getAll("photos");
  const screen = await layIntoInbox(
    parts.filter((part) => part instanceof File),
    "forwarded",
  ).then(
    () => "",
    () => "full",
  );
  return Response.redirect(`/app/#/${screen}`, 303);
}

/** Background Sync (exchange/triggers.ts): in its turn, and not beside an app that is looked at, which sends by itself. */
self.addEventListener("sync" as "message", (event) => {
  event.waitUntil(navigator.locks.request("loa-exchange", sync));
});

async function sync(): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window" });
  if (!pages.some((page) => page.visibilityState === "visible")) await handIn();
}
