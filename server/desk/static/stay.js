// Somebody who fills in the table of a case is at work: what they tick and type keeps the door open, once a minute.
// Without it the table that took longer than five minutes would meet a closed door, and be lost.
"use strict";

const EVERY_MS = 60_000;

for (const form of document.querySelectorAll("form[data-stay]")) {
  let last = Date.now();
  form.addEventListener("input", () => {
    if (Date.now() - last < EVERY_MS) return;
    last = Date.now();
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    fetch(form.dataset.stay, { method: "POST", body, redirect: "error" }).catch(() => {
      // The door is shut, or there is no network: the form itself says so when it is sent.
    });
  });
}
