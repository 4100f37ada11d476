// <details class="menu"> and <details class="ask">: close on Escape and on a click outside, one at
// a time; an opened question takes the focus. [data-toggle="#id"] shows and hides a part.
(() => {
  const open = () => document.querySelectorAll("details.menu[open], details.ask[open]");
  const shut = (menu, focus) => { menu.open = false; if (focus) menu.querySelector("summary").focus(); };

  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      const shade = event.target === menu || event.target.closest("[data-close]");
      if (shade || !menu.contains(event.target)) shut(menu, Boolean(shade));
    }
    const toggle = event.target.closest("[data-toggle]");
    if (!toggle) return;
    const shown = document.querySelector(toggle.dataset.toggle).classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", String(shown));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) shut(menu, menu.contains(document.activeElement));
  });
  document.addEventListener("toggle", (event) => {
    const ask = event.target;
    if (!ask.open || !ask.matches("details.ask")) return;
    ask.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
  }, true);
})();
