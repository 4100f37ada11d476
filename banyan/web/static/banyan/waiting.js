// The page of what waits in this browser: each item with what is in its way and what can be done.
(() => {
  const list = document.querySelector("[data-waiting-list]"), queue = window.banyan, root = document.documentElement;
  document.querySelector("[data-lost-note]").hidden = !("lost" in root.dataset);
  if (!queue) { document.querySelector("[data-no-queue]").hidden = false; return; }
  const words = JSON.parse(document.getElementById("waiting-words").textContent), pattern = document.getElementById("waiting-item");

  async function show() {
    const items = (await queue.all()).filter((item) => item.state !== "typing");
    list.replaceChildren(...items.map(card));
    document.querySelector("[data-waiting-none]").hidden = items.length > 0;
  }
  function card(item) {
    const one = pattern.content.firstElementChild.cloneNode(true), mine = queue.me.split(".")[0] === item.account;
    // Without a network a page that knows nobody says only that it waits.
    const unknown = !queue.me && "lost" in root.dataset, person = queue.PERSON.includes(item.state), state = unknown && !person ? "waiting" : item.state;
    const fill = (name, text) => { const at = one.querySelector(`[data-${name}]`); at.textContent = text; at.hidden = !text; };
    const { what = "", why = "", mend = "" } = item.said || {}, names = { who: item.who, post: item.post_label };
    one.id = item.key;
    fill("title", mine ? item.title || item.label : words.hidden);
    fill("state", words.states[state][0]);
    one.querySelector("[data-state]").className = `chip ${person && mine ? "red" : "amber"}`;
    fill("text", words.states[state][1].replace(/\{(\w+)\}/g, (_all, name) => names[name]));
    fill("why", mine && item.state !== "waiting" ? [what, why, mend].filter(Boolean).join(" ") : "");
    fill("about", [queue.hour(item.at), item.photos.length ? words.photos.replace("#", item.photos.length) : "", item.post_label].filter(Boolean).join(" · "));
    const [send, open, discard] = ["send", "open", "discard"].map((name) => one.querySelector(`[data-${name}]`));
    send.hidden = person || !mine;
    open.hidden = discard.hidden = !mine && !unknown;
    // `fresh`: as the record stands now, without a draft over it, so that both can be compared.
    open.href = `${item.path}${item.path.includes("?") ? "&" : "?"}fresh=1#${item.key}`;
    send.addEventListener("click", async () => { send.textContent = send.dataset.busy; await queue.pass(true); await show(); });
    discard.addEventListener("click", async () => { if (confirm(words.sure)) { await queue.drop(item.key); await show(); } });
    return one;
  }
  show().then(() => queue.pass(true)).then(show);
  addEventListener("online", () => queue.pass(true).then(show));
})();
