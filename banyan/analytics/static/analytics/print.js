// "Print A4": the sheet is the page itself, laid out by the print style.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
