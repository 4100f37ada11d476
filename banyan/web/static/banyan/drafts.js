// [data-draft=URL] in a form: what is typed is saved there two seconds after the last key. Without a
// network it is kept in this browser. When another device was faster (409) both versions are shown:
// [data-draft-keep=VERSION] writes over it, [data-draft-take] takes it.
(() => {
  const box = document.querySelector("[data-draft]"), form = box?.closest("form");
  if (!form) return;
  let timer, saving = false, again = false, unsaved = false;

  async function save() {
    if (saving) { again = true; return; }
    saving = true;
    const sent = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    let kept = false;
    try {
      const answer = await fetch(box.dataset.draft, { method: "POST", body: sent, headers: { "Banyan-Draft": "1" }, signal: AbortSignal.timeout(20000) });
      if (!answer.redirected && (answer.ok || answer.status === 409)) {
        box.innerHTML = await answer.text();
        kept = answer.ok;
      } else if (!answer.redirected && answer.status !== 401) throw new Error(answer.status);
    } catch { /* kept here instead, below */ }
    saving = false;
    if (window.banyan?.me && form.matches("[data-queue]") && !form.dataset.sending) {
      await window.banyan.type(form, kept);
      kept = true;
    }
    if (kept) dispatchEvent(new CustomEvent("banyan:saved", { detail: form }));
    if (again) { again = false; save(); }
  }
  const later = () => { unsaved = true; clearTimeout(timer); timer = setTimeout(save, 2000); };
  form.addEventListener("input", later);
  form.addEventListener("submit", () => clearTimeout(timer));
  addEventListener("banyan:photos", later); // a photo was chosen, has come, or was taken away
  addEventListener("online", () => { if (unsaved) later(); });
  addEventListener("pagehide", () => clearTimeout(timer));
  box.addEventListener("click", (event) => {
    const keep = event.target.closest("[data-draft-keep]"), take = event.target.closest("[data-draft-take]");
    if (keep) { form.elements.draft_version.value = keep.dataset.draftKeep; save(); }
    if (take) { dispatchEvent(new CustomEvent("banyan:saved", { detail: form })); location.reload(); }
  });
  // What is still wanted is ticked off while one types.
  const wants = document.querySelectorAll("[data-wants]");
  const tick = () => {
    const typed = new FormData(form);
    for (const want of wants) want.classList.toggle("done", typed.getAll(want.dataset.wants).some((value) => value instanceof File ? value.size : value.trim()));
    const left = [...wants].filter((want) => !want.classList.contains("done")).length;
    form.querySelectorAll("[data-complete]").forEach((button) => { button.textContent = left ? button.dataset.partial : button.dataset.complete; });
    const line = document.querySelector("[data-left]");
    if (line) line.textContent = left ? line.dataset.left.replace("#", left) : line.dataset.none;
  };
  if (wants.length) { form.addEventListener("input", tick); tick(); }
})();
