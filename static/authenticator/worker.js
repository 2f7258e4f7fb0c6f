// Keeps the authenticator page at hand without a network. FILES, PAGE and VERSION stand before this text.
// Nothing but these few addresses is answered here: all else goes its way as if there were no worker.
const CACHE = `vestibule-authenticator-${VERSION}`;

self.addEventListener("install", (event) => {
  const fill = caches.open(CACHE).then((cache) => cache.addAll([PAGE, ...FILES]));
  event.waitUntil(fill.then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("vestibule-authenticator-") && name !== CACHE;
  const tidy = caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))));
  event.waitUntil(tidy.then(() => self.clients.claim()));
});

const ANYHOW = { ignoreSearch: true, ignoreVary: true };

const fetched = async (request, kept) => {
  const answer = await fetch(request);
  if (answer.ok && !answer.redirected) await (await caches.open(CACHE)).put(kept, answer.clone());
  return answer;
};

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (pathname === PAGE) {
    event.respondWith(fetched(event.request, PAGE).catch(() => caches.match(PAGE, ANYHOW)));
  } else if (FILES.includes(pathname)) {
    const kept = caches.match(pathname, ANYHOW);
    event.respondWith(kept.then((answer) => answer ?? fetched(event.request, pathname)));
  }
});
