{% autoescape off %}// Without internet: the offline page instead of the browser's own error. No other page is kept.
const NAME = "pedbasis-{{ version }}";
const FILES = {{ files }};
const PAGES = {{ pages }};

addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(NAME);
  await cache.addAll(FILES);
  await Promise.all(Object.values(PAGES).map(async (page) => {
    const answer = await fetch(page, { credentials: "omit" }); // as anyone sees it, whoever is signed in
    if (!answer.ok) throw new Error(page);
    await cache.put(page, answer);
  }));
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name.startsWith("pedbasis-") && name !== NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
  await registration.navigationPreload?.enable(); // so that pages do not wait for this script to start
  await clients.claim();
})()));

const offline = ({ pathname }) =>
  caches.match(PAGES[Object.keys(PAGES).find((prefix) => prefix && pathname.startsWith(prefix)) ?? ""]);

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith((async () => {
      try {
        return (await event.preloadResponse) || await fetch(request);
      } catch {
        return (await offline(url)) || Response.error();
      }
    })());
  } else if (FILES.includes(url.pathname)) {
    event.respondWith((async () => (await caches.match(url.pathname)) || fetch(request))());
  }
});
{% endautoescape %}
