// Sends a form once. A second click would end the answer to the first one, and this has the session's new cookie
// (guard.py). After a while it may be sent again: the answer may be lost.
"use strict";

const WHILE_MS = 5000;

for (const form of document.forms) {
  let sent = false;
  const forget = () => {
    sent = false;
  };
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    else setTimeout(forget, WHILE_MS);
    sent = true;
  });
  addEventListener("pageshow", forget);
}
