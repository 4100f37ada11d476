// Sending without a network. What form[data-queue] sends is kept in this browser first, goes to POST
// /sync, and is deleted only on a receipt that bears its own key and hash. States of an item:
// waiting (tried again by itself) · signed_out, account, post (until the right person is here) ·
// refused, changed, gone, forbidden (need a person) · typing (a draft the server has not got).
window.banyan = (() => {
  const root = document.documentElement, me = root.dataset.me || "", aged = root.dataset.seen || "lost" in root.dataset;
  const said = document.getElementById("queue-words");
  if (!isSecureContext || !navigator.locks || !window.indexedDB || !said) return null;
  const words = JSON.parse(said.textContent), UNKEPT = ["csrfmiddlewaretoken", "key", "as_post", "draft_version"];
  const AGAIN = ["waiting", "signed_out", "account", "post"], PERSON = ["refused", "changed", "gone", "forbidden"];
  const hour = (at) => new Intl.DateTimeFormat(root.lang, { hour: "2-digit", minute: "2-digit", ...(new Date(at).toDateString() === new Date().toDateString() ? {} : { day: "2-digit", month: "2-digit" }) }).format(at);

  // --- what is kept ---------------------------------------------------------------------------
  const base = new Promise((done, failed) => {
    const ask = indexedDB.open("banyan", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("items", { keyPath: "key" });
    ask.onsuccess = () => done(ask.result);
    ask.onerror = () => failed(ask.error);
  });
  async function on(mode, act) {
    const deal = (await base).transaction("items", mode, { durability: "strict" });
    const ask = act(deal.objectStore("items"));
    return new Promise((done, failed) => {
      deal.oncomplete = () => done(ask.result);
      deal.onerror = deal.onabort = () => failed(deal.error);
    });
  }
  const all = async () => (await on("readonly", (items) => items.getAll())).sort((one, other) => one.at - other.at);
  const get = (key) => on("readonly", (items) => items.get(key));
  const put = (item) => on("readwrite", (items) => items.put(item)).then(tell);
  const drop = (key) => on("readwrite", (items) => items.delete(key)).then(tell);

  function collect(form, button) {
    const typed = new FormData(form), fields = [], photos = [], [account, post] = me.split(".");
    if (button?.name) typed.append(button.name, button.value);
    for (const [name, value] of typed) {
      if (value instanceof File) { if (value.size) photos.push({ field: name, name: value.name, blob: value }); }
      else if (!UNKEPT.includes(name)) fields.push([name, value]);
    }
    for (const line of form.querySelectorAll(".shot")) { // what photos.js has not sent yet
      if (line.banyanFile && !line.dataset.failed && !line.querySelector("input[type=hidden]")) photos.push({ ...line.banyanFile, task: undefined });
    }
    const address = new URL(form.getAttribute("action") || location.href, location.href);
    address.searchParams.delete("fresh");
    const title = fields.find(([name]) => name === "title")?.[1] || "", label = document.querySelector("h1")?.textContent || "";
    return { key: form.elements.key.value, state: "waiting", account, post, who: words.who, post_label: words.post,
      path: address.pathname + address.search, title, label, fields, photos, at: Date.now(), tries: 0 };
  }

  // --- sending --------------------------------------------------------------------------------
  const hash = async (text) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))), (byte) => byte.toString(16).padStart(2, "0")).join("");
  // photos.js sends them piece by piece and goes on where it stopped; waiting is the queue's own part.
  const upload = (photo, post) => new Promise((done, failed) => {
    const task = {}, said = (state) => {
      if (state !== "waiting" && state !== "signed") return;
      task.stopped = true;
      failed(new TypeError(state));
    };
    if (!document.querySelector('script[src*="banyan/photos"]')) failed(new TypeError("nobody uploads"));
    const detail = { blob: photo.blob, name: photo.name, made: photo.made, post, task, said, done, failed: (why) => failed(new RangeError(why)) };
    document.dispatchEvent(new CustomEvent("banyan:upload", { detail }));
  });
  const hold = (item, state, why) => put({ ...item, state, said: why, ...(state === "waiting" ? {} : { body: null, next: 0 }) });

  async function deliver(item, looking) {
    const [account, post] = me.split(".");
    if (!me && "lost" in root.dataset) return null; // a page without a network knows nobody, and judges nobody
    if (me && item.account !== account) return hold(item, "account");
    if (me && item.post !== post) return hold(item, "post");
    if (!me && item.photos.length) return hold(item, "signed_out");
    try {
      for (const photo of item.photos.filter((one) => !one.id)) { photo.id = await upload(photo, item.post); await put(item); }
      const fields = [...item.fields, ...item.photos.map((one) => [one.field, String(one.id)])];
      item.body ||= JSON.stringify({ key: item.key, account: item.account, post: item.post, path: item.path, fields });
      await put(item); // what is sent again is the same to the byte
      const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] || "";
      const headers = { "Content-Type": "application/json", "X-CSRFToken": token, ...(looking ? { "Banyan-Waiting": "1" } : {}) };
      const answer = await fetch("/sync", { method: "POST", body: item.body, headers, signal: AbortSignal.timeout(looking ? 12000 : 60000) });
      const told = await answer.json();
      if (answer.ok && told.receipt?.key === item.key && told.receipt.hash === await hash(item.body)) {
        came.set(item.key, told.url);
        await drop(item.key);
        return note("sent");
      }
      if ([...AGAIN, ...PERSON].includes(told.code)) return hold(item, told.code, told);
      throw new Error(`answered ${answer.status}`);
    } catch (error) {
      if (error instanceof RangeError) return hold(item, "refused", { what: error.message });
      item.tries += 1;
      item.next = Date.now() + Math.min(1800, 4 * 2 ** item.tries) * 1000;
      return hold(item, "waiting", {});
    }
  }

  // One tab sends at a time; whoever comes later finds gone what was sent.
  const came = new Map(); // where what this page sent has its place, whichever pass took it along
  let timer;
  const pass = (force, only) => navigator.locks.request("banyan-queue", async () => {
    let soonest = Infinity;
    for (const { key } of await all()) {
      const item = await get(key);
      if (!item || (only && key !== only) || !(only || AGAIN.includes(item.state))) continue;
      if (force || !(item.next > Date.now())) await deliver(item, Boolean(only));
      const left = await get(key);
      if (left?.state === "waiting") soonest = Math.min(soonest, left.next || 0);
    }
    clearTimeout(timer);
    if (soonest < Infinity) timer = setTimeout(pass, Math.max(2000, soonest - Date.now()));
  });

  // A form as it stands, with the photos not sent yet; `drafted`: the server has its text.
  async function type(form, drafted) {
    if (!me || !form?.matches("form[data-queue]") || form.dataset.sending) return;
    const item = collect(form), key = `typing:${item.path}`, lines = [...form.querySelectorAll("[data-going]")];
    if (!item.photos.length && (drafted || !form.querySelector("[data-draft]"))) await drop(key);
    else await put({ ...item, key, state: "typing", drafted });
    lines.forEach((line) => { line.dataset.kept = "1"; });
    if (form.querySelector("[data-draft]") || item.photos.length) note(drafted ? "saved" : "kept");
  }
  addEventListener("banyan:photos", ({ detail }) => type(detail, false).catch(tell)); // drafts.js saves the rest a moment later

  // Before photos.js holds the form back: what is still on its way goes with the queue.
  addEventListener("submit", ({ target: form }) => {
    if (!me || !form.matches("form[data-queue]")) return;
    for (const line of form.querySelectorAll("[data-going]")) {
      if (line.banyanFile) { line.banyanFile.task.stopped = true; delete line.dataset.going; }
    }
  }, true);
  const enough = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (/\/accounts\/logout\/$/.test(form.getAttribute("action")) && "waiting" in root.dataset && !confirm(words.leave)) {
      event.preventDefault();
      dispatchEvent(new Event("banyan:idle"));
    }
    if (event.defaultPrevented || !me || !form.matches("form[data-queue]")) return;
    event.preventDefault();
    const item = collect(form, event.submitter);
    await put(item).then(() => navigator.onLine ? Promise.race([pass(true, item.key), enough(15)]) : null, () => form.submit());
    const left = await get(item.key);
    navigator.storage?.persist?.();
    await drop(`typing:${item.path}`);
    if (!left) location.assign(came.get(item.key) || "/");
    else if (PERSON.includes(left.state)) { mend(form, left); dispatchEvent(new Event("banyan:idle")); }
    else location.assign(`/waiting#${item.key}`);
  });

  // --- a kept item back in its form -----------------------------------------------------------------
  function fill(form, item) {
    for (const field of form.elements) {
      const values = item.fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (item.drafted && !root.dataset.seen) break; // the server's draft is as new, or newer
      if (!field.name || UNKEPT.includes(field.name) || field.type === "file" || (field.name === "version" && item.state === "changed")) continue;
      const now = field.value;
      if (field.type === "radio" || field.type === "checkbox") field.checked = values.includes(field.value);
      else if (values.length) field.value = values[0];
      if (item.state === "changed" && field.value !== now) field.insertAdjacentElement("afterend", made("p", "help", words.now.replace("#", now || "–")));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    for (const box of form.querySelectorAll("[data-files]")) {
      const known = [...box.querySelectorAll(`[name="${box.dataset.files}"]`)].map((one) => one.value), files = new DataTransfer();
      for (const [name, id] of item.fields) {
        if (name === box.dataset.files && id && !known.includes(id)) box.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: id }));
      }
      for (const one of item.photos) if (one.field === box.dataset.files) files.items.add(new File([one.blob], one.name, { type: one.blob.type }));
      const chosen = box.querySelector("input[type=file]");
      chosen.files = files.files;
      if (files.files.length) chosen.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (item.state !== "typing") form.elements.key.value = item.key;
  }
  const made = (tag, name, text) => Object.assign(document.createElement(tag), { className: name, textContent: text });
  function mend(form, item) {
    document.querySelectorAll(".errors, .field > .error").forEach((old) => old.remove());
    if (!PERSON.includes(item.state)) return;
    const box = made("div", "errors", ""), { what = "", why = "", mend: way = "", errors = {} } = item.said || {};
    box.setAttribute("role", "alert");
    box.tabIndex = -1;
    box.append(made("h2", "", what), ...[why, way].filter(Boolean).map((text) => made("p", "", text)));
    form.insertAdjacentElement("beforebegin", box); // not form.before: a field may bear that name
    for (const [name, many] of Object.entries(errors)) {
      const at = form.querySelector(`[name="${CSS.escape(name)}"]`)?.closest(".field");
      at?.classList.add("wrong");
      at?.append(made("p", "error", many.join(" ")));
      at?.closest("details")?.setAttribute("open", "");
    }
    box.focus();
  }
  async function refill() {
    const form = document.querySelector("form[data-queue]");
    if (!form) return;
    // A page of before bears the key of before: what is written on it now is another sending.
    if (root.dataset.seen) form.elements.key.value = crypto.randomUUID().replaceAll("-", "");
    const item = await get(location.hash.slice(1) || "-") || await get(`typing:${collect(form).path}`);
    if (!item || `${item.account}.${item.post}` !== me) return;
    fill(form, item);
    mend(form, item);
  }

  // --- the dot --------------------------------------------------------------------------------------
  function note(kind) {
    try { localStorage.setItem("banyan.said", JSON.stringify([kind, Date.now(), me])); } catch { /* storage may be forbidden */ }
    tell();
  }
  const tell = async () => show((await all()).filter((one) => one.state !== "typing"));
  function show(items) {
    const dot = document.querySelector("[data-dot]");
    const look = items.filter((one) => one.state !== "waiting" && (!me || one.account === me.split(".")[0])).length;
    const going = document.querySelectorAll("form[data-queue] [data-going]").length;
    root.toggleAttribute("data-waiting", items.length > 0);
    if (!dot) return;
    let last = [];
    try { last = JSON.parse(localStorage.getItem("banyan.said")) || []; } catch { /* the same */ }
    const away = (root.dataset.seen && !back) || !navigator.onLine, seen = Number(root.dataset.seen) || performance.timeOrigin;
    const [tone, text] = look ? ["red", words.look.replace("#", look)] : items.length ? ["amber", words.waiting.replace("#", items.length)]
      : going ? ["amber", words[last[0] === "saved" && last[2] === me ? "going" : "photos"].replace("#", going)]
      : away && last[0] === "kept" && last[2] === me && last[1] > performance.timeOrigin ? ["amber", words.kept.replace("#", hour(last[1]))]
      : away ? ["amber", words.away.replace("#", hour(seen))] : last[2] === me ? ["", words[last[0]].replace("#", hour(last[1]))] : ["", words.seen.replace("#", hour(seen))];
    dot.dataset.tone = tone;
    const line = dot.querySelector("[role=status]");
    if (line.textContent !== text) line.textContent = text;
  }

  // Back again: a page of before is fetched anew, unless something is being written on it.
  let back = false, touched = false;
  addEventListener("input", (event) => { touched ||= Boolean(event.target.closest("form[method=post]")); });
  addEventListener("banyan:photos", () => { touched = true; });
  const online = () => pass(true).finally(() => {
    back = true;
    if (touched || !aged) tell(); else location.reload();
  });
  addEventListener("online", online);
  // Of before although there is a network, which came a moment after us: asked until it answers at once.
  const knock = () => fetch("/sw.js", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(2000) }).then(({ ok }) => ok ? online() : Promise.reject());
  const wait = (seconds) => setTimeout(() => knock().catch(() => wait(Math.min(2 * seconds, 60))), seconds * 1000);
  if (aged && navigator.onLine) wait(3);
  addEventListener("offline", tell);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { tell(); pass(); } });
  addEventListener("pageshow", (event) => { if (event.persisted && document.querySelector("form[data-queue]")) location.reload(); });
  navigator.serviceWorker?.register("/sw.js").catch(() => { /* without it all works but the pages of before */ });
  show([]); // at once: what is kept is read a moment later
  tell();
  refill().then(() => pass());
  return { all, get, put, drop, pass, collect, type, note, words, hour, made, me, PERSON };
})();
