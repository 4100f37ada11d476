// "/" search ([data-search]), "?" help (dialog#keys), j and k through rows ([data-row] a).
// Never while typing, never with Ctrl, Alt or the system key.
(() => {
  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row] a")], at = rows.indexOf(document.activeElement);
    rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))]?.focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (event.key === "/") {
      const box = document.querySelector("[data-search]");
      if (box) { event.preventDefault(); box.select(); box.focus(); }
    } else if (event.key === "?") document.querySelector("dialog#keys")?.showModal();
    else if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
  });
})();
