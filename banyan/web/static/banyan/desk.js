// The review desk: keys, live total, phrases, photos, undo, and what is typed kept. Every key presses
// a button that is there to be seen; without this file the desk is plain pages and forms.
(() => {
  const $ = (what, from = document) => from.querySelector(what), all = (what, from = document) => [...from.querySelectorAll(what)];
  const points = () => all("[data-points]"), number = (text) => Number(text.replace(",", ".")) || 0;
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/gi, "d").toLowerCase();
  const press = (what) => { const button = $(what); if (button) button.click(); return Boolean(button); };

  // --- points ---------------------------------------------------------------
  function total() {
    const out = $("#total");
    if (!out) return;
    const counts = (one) => (number(one.value) > Number(one.dataset.most) ? 0 : number(one.value));
    const sum = points().reduce((all, one) => all + counts(one), 0);
    out.textContent = sum.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    for (const one of points()) {
      const wrong = one.value !== "" && (!/^\d{1,3}([.,]\d)?$/.test(one.value.trim()) || number(one.value) > Number(one.dataset.most));
      one.toggleAttribute("aria-invalid", wrong);
    }
  }
  const empty = () => points().find((one) => !one.value);
  function onward(from) {
    const lines = points(), next = lines[lines.indexOf(from) + 1] || $("#take");
    next?.focus();
    next?.select?.();
  }
  function own(line) {
    if (!line?.dataset.own) return;
    line.value = line.dataset.own;
    line.dispatchEvent(new Event("input", { bubbles: true }));
    onward(line);
  }

  // --- what is typed is kept: here at once, at the server a moment later ----------
  let timer = 0, saving = false, again = false;
  const place = () => { const form = $("#decide"); return form ? `desk:${form.dataset.record}` : ""; };
  const typed = () => Object.fromEntries(all("[data-keep]").map((one) => [one.name, one.value]));
  function remember(what) { try { what ? localStorage.setItem(place(), JSON.stringify(what)) : localStorage.removeItem(place()); } catch { /* storage may be forbidden */ } }
  async function save() {
    clearTimeout(timer); timer = 0;
    const form = $("#decide");
    if (!form) return;
    if (saving) { again = true; return; }
    saving = true;
    const body = new FormData(form), sent = JSON.stringify(typed());
    for (const [name, value] of Object.entries(typed())) body.set(name, value);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true }), told = await answer.text();
      if (answer.ok && form === $("#decide")) { $("#kept").outerHTML = told; if (sent === JSON.stringify(typed())) remember(null); }
    } catch { /* no network: it stands in this browser until there is one */ }
    saving = false;
    if (again) { again = false; save(); }
  }
  function restore() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(place()) || "null"); } catch { /* nothing readable */ }
    if (!kept) return;
    for (const one of all("[data-keep]")) if (kept[one.name]) one.value = kept[one.name];
    total();
    timer = setTimeout(save, 800);
  }
  // --- sending back, undo, photos --------------------------------------------------
  function sendBack() {
    const panel = $("#back");
    if (!panel) return;
    panel.open = true;
    $("#reason").focus();
  }
  function shut() { const panel = $("#back"); if (panel?.open) { panel.open = false; $("summary", panel).focus(); } }
  function narrow(text) {
    for (const one of all("[data-phrase]")) one.closest("li").hidden = !plain(one.dataset.phrase).includes(plain(text));
  }
  function take(phrase) {
    const field = $("#reason");
    field.value = phrase.dataset.phrase;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    narrow("");
    $("button.main", field.form).focus();
  }
  let counting = 0, offer = null;
  function countDown() {
    const form = $("[data-undo]");
    // Going on to another record does not end the seconds in which a step may be taken back.
    if (!form) { if (offer) $(".desk-acts")?.append(offer); return; }
    clearInterval(counting);
    offer = form;
    let left = Number(form.dataset.undo);
    counting = setInterval(() => {
      left -= 1;
      if (form.dataset.sending || left <= 0) offer = null;
      if (form.dataset.sending) clearInterval(counting);
      else if (left > 0) $("[data-left]", form).textContent = `${left} s`;
      else { clearInterval(counting); form.remove(); }
    }, 1000);
  }
  let shown = 0;
  function photo(by, at = null) {
    const photos = all("[data-photo]"), box = $("#photo");
    if (!photos.length) return;
    shown = at === null ? (shown + by + photos.length) % photos.length : at;
    const one = photos[shown];
    $("img", box).src = one.href;
    $("img", box).alt = one.dataset.photo;
    $("span", box).textContent = `${one.dataset.photo} · ${shown + 1}/${photos.length}`;
    if (!box.open) box.showModal();
  }
  function say(about) {
    const talk = $("#say");
    if (!talk) return;
    talk.open = true;
    if (about !== undefined) $("#about").value = about;
    $("#text").focus();
  }

  // --- keys -------------------------------------------------------------------------
  const KEYS = {
    a: () => { const first = empty(); if (first) first.focus(); else if (!$("form[data-sending]")) press("#take"); },
    r: sendBack,
    j: () => press("[data-next]"),
    k: () => press("[data-previous]"),
    z: () => press("[data-undo] button"),
    e: () => photo(0, 0),
    t: () => say(),
    "=": () => own(empty() || points()[0]),
  };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // Between two records a key belongs to neither: it would stand in the wrong line.
    if (swapping && !target.closest("dialog")) return event.preventDefault();
    const box = target.closest("dialog");
    if (box?.id === "photo" && /^Arrow(Left|Right)$/.test(key)) return photo(key === "ArrowLeft" ? -1 : 1);
    if (box) return;
    if (key === "Escape" && target.closest("#back")) return shut();
    if (target.matches("[data-points]")) {
      if (key === "Enter") onward(target);
      else if (key === "=") own(target);
      else if (key === "Escape") $("[data-heading]").focus();
      else if (KEYS[key.toLowerCase()]) KEYS[key.toLowerCase()](); // points are digits only
      else return;
      event.preventDefault();
    } else if (target.id === "reason") {
      const phrase = !target.value && /^[1-9]$/.test(key) && all("[data-phrase]")[key - 1];
      if (phrase) { event.preventDefault(); take(phrase); }
    } else if (!target.closest("input, textarea, select, [contenteditable]")) {
      if (/^\d$/.test(key)) { const line = empty() || points()[0]; line?.focus(); line?.select(); }
      else if (KEYS[key.toLowerCase()]) { event.preventDefault(); KEYS[key.toLowerCase()](); }
    }
  });
  document.addEventListener("input", ({ target }) => {
    if (target.matches("[data-points]")) total();
    if (target.id === "reason") narrow(target.value);
    if (!target.matches("[data-keep]")) return;
    remember(typed());
    clearTimeout(timer);
    timer = setTimeout(save, 700);
  });
  document.addEventListener("change", ({ target }) => { if (target.matches("[data-go]")) target.form.requestSubmit(); });
  document.addEventListener("click", async (event) => {
    const found = (what) => event.target.closest(what);
    const one = found("[data-photo]");
    if (one) { event.preventDefault(); photo(0, all("[data-photo]").indexOf(one)); }
    if (found("[data-leaf]")) photo(Number(found("[data-leaf]").dataset.leaf));
    if (found("[data-close-photo]")) $("#photo").close();
    if (found("[data-phrase]")) take(found("[data-phrase]"));
    if (found("[data-shut]")) shut();
    if (found("[data-own-all]")) own(empty() || points()[0]);
    if (found("[data-about]")) { event.preventDefault(); say(found("[data-about]").dataset.about); }
    const copy = found("[data-copy]");
    if (copy) { await navigator.clipboard.writeText(copy.dataset.copy); copy.textContent = copy.dataset.copied; }
  });
  document.addEventListener("toggle", ({ target }) => { if (target.id === "back" && target.open) $("#reason").focus(); }, true);

  // --- from record to record ------------------------------------------------------------
  let lines = 0, leaving = "", swapping = false;
  function ready() {
    total(); restore(); countDown();
    const list = $(".desk-lines");
    if (list) { list.scrollTop = lines; $("[aria-current]", list)?.scrollIntoView({ block: "nearest" }); }
  }
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    lines = $(".desk-lines")?.scrollTop || 0;
    leaving = detail.elt.matches("form[method=post]") ? place() : "";
    swapping = Boolean(leaving) && !detail.elt.matches("[action*='/remark']");
    if (leaving && !detail.elt.matches("[action*='/remark']")) { clearTimeout(timer); timer = 0; again = false; }
    else if (timer) save();
  });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr } = detail, refused = xhr.status === 409 || xhr.status === 422;
    if (refused) { detail.shouldSwap = true; detail.isError = false; }
    else if (xhr.status < 400 && leaving) { try { localStorage.removeItem(leaving); } catch { /* as above */ } }
    // Signed out meanwhile, or gone: the answer is another page, shown as one.
    if (!xhr.responseText.includes('id="desk"')) { detail.shouldSwap = false; location.assign(xhr.responseURL || location.href); }
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    swapping = false;
    if (detail.target?.id !== "desk" && !$("#desk")?.contains(detail.elt)) return;
    ready();
    if (detail.requestConfig?.elt?.matches?.(".desk-more")) return;
    ($("[data-refused]") || $("[data-heading]"))?.focus({ preventScroll: true });
  });
  for (const lost of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(lost, () => {
    swapping = false;
    dispatchEvent(new Event("pageshow")); // buttons may be pressed again
    if ($("#kept")) $("#kept > span").textContent = $("#desk").dataset.lost;
  });
  document.addEventListener("DOMContentLoaded", ready);
})();
