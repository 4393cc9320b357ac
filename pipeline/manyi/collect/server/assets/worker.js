// Keeps what was opened once, so that it opens without the network. Answers are never kept here.
"use strict";
const SHELF = "manyi-pages";
const root = self.registration.scope;
const assets = (path) => path.startsWith("assets/");
const kept = (path) => assets(path) || /^(w|f|c)\/[^/]+$/.test(path);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

const fresh = async (request) => {
  const reply = await fetch(request);
  if (reply.ok && !reply.redirected) await (await caches.open(SHELF)).put(request, reply.clone());
  return reply;
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(root)) return;
  const path = request.url.slice(root.length).split(/[?#]/)[0];
  if (!kept(path)) return;
  event.respondWith((async () => {
    const held = await caches.match(request, { ignoreVary: true });
    if (held && assets(path)) return held;
    try {
      return await fresh(request);
    } catch (error) {
      if (held) return held;
      throw error;
    }
  })());
});
