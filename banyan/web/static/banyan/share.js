// [data-share] passes its text (data-text) and link (data-url) on: by the device's own sheet, else to
// the clipboard, else selected in a field to be copied by hand. Says in the button that it is done.
// [data-print] prints the page, laid out by the print style.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-share], [data-print]");
  if (!button || "print" in button.dataset) return button && window.print();
  const { text, url, done } = button.dataset, link = new URL(url || location.href, location.href).href;
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    try { await navigator.share({ text, url: link }); return; } catch (error) { if (error.name === "AbortError") return; }
  }
  const line = button.querySelector("[data-share-said]") || button, before = line.textContent, whole = `${text}\n${link}`;
  try {
    await navigator.clipboard.writeText(whole);
    line.textContent = done;
    setTimeout(() => { line.textContent = before; }, 4000);
  } catch {
    const field = Object.assign(document.createElement("textarea"), { value: whole, readOnly: true, rows: 4 });
    field.setAttribute("aria-label", before);
    button.after(field);
    field.select();
  }
});
