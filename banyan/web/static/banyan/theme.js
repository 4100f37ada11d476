// Light or dark: follows the system until the reader chooses. Loaded in <head>, before paint,
// after the <link data-dark>; a choice equal to the system's own is forgotten again.
(() => {
  const root = document.documentElement, dark = document.querySelector("link[data-dark]"), system = matchMedia("(prefers-color-scheme: dark)");
  const media = { dark: "screen", light: "not all", "": "screen and (prefers-color-scheme: dark)" };
  let choice = "";
  try { choice = localStorage.getItem("theme") || ""; } catch { /* storage may be forbidden */ }

  function apply() {
    if (!(choice in media)) choice = "";
    if (choice) root.dataset.theme = choice; else delete root.dataset.theme;
    if (dark) dark.media = media[choice];
  }
  root.classList.add("js");
  apply();
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const own = system.matches ? "dark" : "light";
    const next = (choice || own) === "dark" ? "light" : "dark";
    choice = next === own ? "" : next;
    try { localStorage.setItem("theme", choice); } catch { /* the choice lasts for this page */ }
    apply();
  });
})();
