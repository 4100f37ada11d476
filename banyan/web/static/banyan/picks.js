// Boxes of a list: shift-click ticks a stretch, [data-pick-all] a page; [data-picked] says how many.
// Works on what htmx brings later too, for it listens on the document.
(() => {
  let last = null;
  const boxes = () => [...document.querySelectorAll("td.is-pick input[type=checkbox]")];
  const say = () => {
    const every = boxes(), n = every.filter((box) => box.checked).length;
    for (const place of document.querySelectorAll("[data-picked]")) {
      place.textContent = n ? `${place.dataset.some} ${n}` : place.dataset.none;
    }
    document.querySelector("[data-picks]")?.classList.toggle("has-picks", n > 0);
    const whole = document.querySelector("[data-pick-all]");
    if (whole) { whole.checked = n > 0 && n === every.length; whole.indeterminate = n > 0 && n < every.length; }
  };
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (box.matches?.("[data-pick-all]")) {
      for (const one of boxes()) one.checked = box.checked;
      say();
    } else if (box.matches?.("td.is-pick input[type=checkbox]")) {
      const every = boxes(), [from, to] = [every.indexOf(last), every.indexOf(box)];
      if (event.shiftKey && from >= 0) {
        for (const one of every.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
      }
      last = box;
      say();
    }
  });
  addEventListener("pageshow", say);
  document.addEventListener("htmx:afterSwap", () => { last = null; say(); });
})();
