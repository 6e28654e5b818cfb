// Saves the texts while they are written: two seconds after the last letter, and when the page is left. What the
// buttons do is the same form. A text that came too late is kept by the server; here it is only said.
"use strict";

const QUIET_MS = 2000;
const RETRY_MS = 10000;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const state = form.querySelector("[data-autosave-state]");
  let timer = 0;
  let dirty = false;
  let busy = false;

  const body = () => {
    const data = new FormData(form);
    data.set("act", "auto");
    return data;
  };

  const land = (answer, sent) => {
    for (const [code, version] of Object.entries(answer.saved)) {
      form.elements[`version.${code}`].value = version;
      form.elements[`shown.${code}`].value = answer.shown[code];
    }
    for (const field of document.querySelectorAll("[data-section]")) {
      field.querySelector("[data-aside]").hidden = !answer.aside.includes(field.dataset.section);
    }
    state.textContent = answer.said;
    dirty = dirty || sent !== texts();
  };

  // A field may stand where it is read: it names its form. What is ticked or chosen counts as what is written.
  const fields = () => [...form.elements].filter((each) => each.name.startsWith("text."));
  const texts = () => JSON.stringify([...new FormData(form)].filter(([name]) => name.startsWith("text.")));

  const save = async () => {
    if (busy || !dirty) return;
    busy = true;
    dirty = false;
    const sent = texts();
    let next = QUIET_MS;
    try {
      const answer = await fetch(form.action, { method: "POST", body: body(), redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      land(await answer.json(), sent);
    } catch {
      dirty = true;
      next = RETRY_MS;
      state.textContent = state.dataset.failed;
    }
    busy = false;
    if (dirty) wait(next);
  };

  const wait = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(save, ms);
  };

  document.addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    dirty = true;
    wait(QUIET_MS);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    dirty = false;
    if (busy) {
      // Its answer brings the versions that this form must name.
      event.preventDefault();
      const button = event.submitter;
      setTimeout(() => form.requestSubmit(button), 200);
    }
  });
  // What was written before this script arrived over a slow line.
  if (fields().some((each) => each.type === "textarea" && each.value !== each.defaultValue)) {
    dirty = true;
    wait(QUIET_MS);
  }
  addEventListener("pagehide", () => {
    if (dirty) navigator.sendBeacon(form.action, body());
  });
}
