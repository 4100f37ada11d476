// Says in words when a passkey was not accepted or the wait for it was broken off.
document.addEventListener("allauth.error", (event) => {
  const note = document.querySelector("[data-passkey-wrong]");
  if (!note) return;
  event.preventDefault();
  note.hidden = false;
  note.focus();
});
