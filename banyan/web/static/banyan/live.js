// Figures follow what happens: told that something changed, the page asks its own address again, a
// tenth of the time at most. Only what differs is touched: focus, scroll, open parts and forms stay.
const mark = () => document.querySelector("[data-live]"), say = (text) => { mark().textContent = text; };
let source, timer, lost = false, asked = 0, free = 0; // asked: when what is shown was asked for

function listen() {
  source?.close();
  if (document.hidden || !mark()) return;
  source = new EventSource(`/live?programme=${mark().dataset.live}&since=${Math.ceil((performance.now() - asked) / 1000)}`);
  source.onopen = () => { if (lost) say(""); lost = false; };
  source.onmessage = () => { clearTimeout(timer); timer = setTimeout(() => ask(), free - performance.now()); };
  source.onerror = () => { // every stream ends after two minutes: only the second time it is an error
    source.close();
    if (lost) say(mark().dataset.lost);
    setTimeout(listen, lost ? 15000 : 1000);
    lost = true;
  };
}
async function ask(url = location.href, began = performance.now()) {
  free = began + 2000;
  const answer = await fetch(url, { headers: { "Banyan-Live": "1" } }).catch(() => null), text = await answer?.text();
  free = Math.max(began + 1000, 10 * performance.now() - 9 * began);
  if (!answer?.ok || answer.redirected || url !== location.href || began < asked) return;
  asked = began;
  follow(document.getElementById("main"), new DOMParser().parseFromString(text, "text/html").getElementById("main"));
  say(mark().dataset.said + new Date().toLocaleTimeString("vi", { timeStyle: "short" }));
}
function follow(old, now) {
  if (old.isEqualNode(now) || old.matches?.("form, .flash, [data-live]")) return;
  if (old.nodeName !== now.nodeName || old.childNodes.length !== now.childNodes.length) { old.replaceWith(now); return; }
  for (const { name, value } of now.attributes || []) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  [...now.childNodes].forEach((kid, at) => follow(old.childNodes[at], kid));
  if (old.nodeType === Node.TEXT_NODE) old.data = now.data;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches || !/^[\s\d.,%/+−-]+$/.test(old.data);
  if (!calm) old.parentElement.animate([{ backgroundColor: "var(--amber-wash)" }, {}], 3000);
}
document.addEventListener("visibilitychange", listen), listen();
