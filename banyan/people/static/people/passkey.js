/* Says in words when a passkey was not accepted or the wait for it was broken off. */
(function () {
  'use strict'
  document.addEventListener('allauth.error', function (event) {
    var note = document.querySelector('[data-passkey-wrong]')
    if (!note) return
    event.preventDefault()
    note.hidden = false
    note.focus()
  })
})()
