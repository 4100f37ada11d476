// [data-count="#id"]: how many characters are left, said under a textarea.
// [data-say="#id"]: a date field's day in words, because browsers show 05/03 in their own order.
(() => {
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  function tell(field) {
    const { count, say } = field.dataset;
    if (count) document.querySelector(count).textContent = `${field.value.length}/${field.maxLength}`;
    if (say) document.querySelector(say).textContent = field.valueAsDate ? day.format(field.valueAsDate) : "";
  }
  document.addEventListener("input", (event) => { if (event.target.dataset) tell(event.target); });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-count], [data-say]").forEach(tell));
})();
