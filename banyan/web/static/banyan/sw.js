// The offline worker. BUILD {version, shell, pages, first} stands above it: see web/offline.py.
// Files come from the cache, for their names bear their hash. Pages come from the network; those of
// BUILD.pages are kept as this account last saw them in this post, and are cleared the moment a
// page of anybody else, or of nobody, is seen, and before one signs out or switches.
const FILES = `files-${BUILD.version}`, SEEN = `seen-${BUILD.version}`, WHOSE = "/-whose";
const PATIENCE = 8000; // a page seen before is shown rather than waited for longer
const LEAVING = /^\/(accounts|posts|me|language|example)\//;
const path = (url) => new URL(url, location.origin).pathname;

addEventListener("install", (event) => event.waitUntil((async () => {
  const files = await caches.open(FILES);
  // One file that is missing must not keep the rest from being there.
  await Promise.allSettled(BUILD.shell.map((one) => files.add(one)));
  // As nobody sees it: what is shown when nothing else was kept.
  await fetch("/waiting", { credentials: "omit" }).then((page) => files.put("/waiting", page)).catch(() => {});
  await skipWaiting();
})()));

addEventListener("activate", (event) => event.waitUntil((async () => {
  const old = (await caches.keys()).filter((name) => name !== FILES && name !== SEEN);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
  await prepare();
})()));

addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method !== "GET") {
    if (LEAVING.test(url.pathname)) event.waitUntil(caches.delete(SEEN));
  } else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate") event.respondWith(page(event, url));
});

async function file(request) {
  const files = await caches.open(FILES), known = await files.match(request, { ignoreVary: true });
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await files.put(request, answer.clone());
  return answer;
}

async function page(event, url) {
  const known = await kept(url.pathname);
  const asked = fetch(event.request).then((answer) => {
    event.waitUntil(keep(answer.clone(), url.pathname).catch(() => {}));
    return answer;
  });
  const late = known && new Promise((done) => setTimeout(done, PATIENCE));
  const answer = await Promise.race([asked, late].filter(Boolean)).catch(() => null);
  if (answer) return answer;
  asked.catch(() => {});
  if (known) return aged(known, `data-seen="${known.headers.get("seen")}"`);
  const own = await kept("/waiting");
  if (own) return aged(own, `data-lost data-seen="${own.headers.get("seen")}"`);
  const shell = await caches.match("/waiting", { cacheName: FILES });
  return shell ? aged(shell, "data-lost") : Response.error();
}

const kept = async (path) => (await caches.open(SEEN)).match(path, { ignoreVary: true });

// The page says itself that it is not of now.
async function aged(answer, mark) {
  const text = (await answer.text()).replace("<html", `<html ${mark}`);
  return new Response(text, { headers: answer.headers });
}

async function keep(answer, path) {
  if (answer.status !== 200 || !answer.headers.get("content-type")?.startsWith("text/html")) return;
  const text = await answer.text(), whose = /<html[^>]* data-me="([^"]+)"/.exec(text)?.[1] || "";
  const before = await (await kept(WHOSE))?.text();
  if (whose !== before) {
    await caches.delete(SEEN);
    await (await caches.open(SEEN)).put(WHOSE, new Response(whose));
    if (whose) setTimeout(prepare, 1000); // after what the reader asked for
  }
  if (!whose || !BUILD.pages.includes(path)) return;
  // A form that shows a draft is kept as fetched beforehand, empty: what was typed is sent once.
  if (text.includes("data-queue") && !text.includes("data-blank")) return;
  const headers = new Headers(answer.headers);
  headers.set("seen", Date.now());
  await (await caches.open(SEEN)).put(path, new Response(text, { headers }));
}

async function prepare() {
  for (const one of BUILD.first) {
    if (await kept(path(one))) continue;
    await fetch(one).then((answer) => answer.redirected ? null : keep(answer, path(one))).catch(() => {});
  }
}
