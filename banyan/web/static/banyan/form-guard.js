// A form is sent once, and typed text is not lost by a slip.
// form[method=post]: the second press is ignored; the button says data-busy meanwhile.
// form[data-guard]: leaving with unsaved changes asks first. [data-focus] takes the focus at load.
(() => {
  let dirty = null;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && "guard" in form.dataset) dirty = form;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "1";
    if (form === dirty) dirty = null;
    const button = event.submitter;
    if (!button) return;
    // aria-disabled, not disabled: a disabled button would drop its own name=value from the post.
    button.setAttribute("aria-disabled", "true");
    if (button.dataset.busy) { button.dataset.idle = button.textContent; button.textContent = button.dataset.busy; }
  });
  function idle() {
    for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
    for (const button of document.querySelectorAll("[aria-disabled][data-busy]")) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.idle) button.textContent = button.dataset.idle;
    }
  }
  addEventListener("pageshow", idle);
  addEventListener("banyan:idle", idle); // a sending by script came back with something to mend
  addEventListener("banyan:saved", (event) => { if (event.detail === dirty) dirty = null; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  document.addEventListener("DOMContentLoaded", () => document.querySelector("[data-focus]")?.focus());
})();
