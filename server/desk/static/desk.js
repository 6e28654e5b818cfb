// Conveniences of every page; all works without them. What opens below its word closes by Escape, or by a click elsewhere.
const opened = () => document.querySelectorAll("details.drop[open]");
document.addEventListener("click", (event) => {
  for (const one of opened()) if (!one.contains(event.target)) one.open = false;
});

// Keys: `/` leads to the search, G and a letter to a page, `?` lists them, arrows go along the rows of a list. Those of
// one letter can be switched off (WCAG 2.1.4): somebody who speaks to the computer may press them without wanting to.
const shortcuts = document.querySelector("#shortcuts");
const OFF = "no_shortcuts";
const useKeys = document.querySelector("#use-keys");
const ROWS = "main :is(.record, .rows > li > details > summary, .figures tbody th a, .plan tbody th a)";
const GO_MS = 1500;
let goUntil = 0;

function off() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false; // a browser that keeps nothing
  }
}

function openShortcuts() {
  useKeys.checked = !off();
  shortcuts.showModal();
}

if (shortcuts) {
  const shows = document.querySelector("#show-keys");
  shows.hidden = false;
  shows.addEventListener("click", openShortcuts);
  useKeys.addEventListener("change", () => localStorage.setItem(OFF, useKeys.checked ? "0" : "1"));
}

/** Goes to the next row, or the one before; from no row to the first one. Returns whether there was one to go to. */
function step(by) {
  const rows = [...document.querySelectorAll(ROWS)].filter((one) => one.checkVisibility());
  const here = rows.indexOf(document.activeElement);
  const elsewhere = here < 0 && document.activeElement.closest("a, button, summary, label, [tabindex='0']");
  const next = here < 0 ? (by > 0 && !elsewhere ? rows[0] : undefined) : rows[here + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return Boolean(next);
}

// What is ticked of a list: how many, and all or none of the page. Without this script the bar has its button alone.
const picked = document.querySelector("#picked");
if (picked) {
  const boxes = [...document.querySelectorAll("input[form=picked]")];
  const every = picked.querySelector(".all-ticks");
  const output = picked.querySelector("output");
  const tell = () => {
    const count = boxes.filter((one) => one.checked).length;
    output.textContent = count ? output.dataset.text.replace("{}", String(count)) : "";
    every.querySelector("input").checked = count === boxes.length;
  };
  every.hidden = false;
  every.addEventListener("change", (event) => {
    for (const one of boxes) one.checked = event.target.checked;
    tell();
  });
  picked.addEventListener("reset", () => setTimeout(tell));
  for (const one of boxes) one.addEventListener("change", tell);
  addEventListener("pageshow", tell); // a browser that comes back keeps what was ticked
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const one of opened()) {
      one.open = false;
      one.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]:modal")) return;
  const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
  if (shortcuts && isArrow) {
    if (step(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
    return;
  }
  if (off()) return;
  const key = event.key.toLowerCase();
  if (key === "/") {
    const search = document.querySelector(`.search input[type="search"]`); // a hidden one stands before it
    if (search) {
      event.preventDefault();
      search.focus();
    }
  } else if (shortcuts && key === "?") openShortcuts();
  else if (shortcuts && key === "x") document.activeElement.closest("li")?.querySelector(".pick input")?.click();
  else if (shortcuts && key === "g") goUntil = event.timeStamp + GO_MS;
  else if (shortcuts && event.timeStamp < goUntil) {
    goUntil = 0;
    shortcuts.querySelector(`[data-key="${CSS.escape(key)}"]`)?.click();
  }
});

// An act keeps its place: the page that answers is as far down as it was, and the focus is on what was pressed, or on the
// sentence that says what was done. If the form was refused, the focus is on the field at fault, or on why.
const PLACE = "place";
const PLACE_MS = 60_000;
const CLOSEST = "a, button, input:not([type=hidden]), select, textarea, summary";

function keepPlace(event) {
  const form = event.target;
  if (event.defaultPrevented || form.getAttribute("method") !== "post") return;
  const place = {
    at: Date.now(),
    page: location.pathname,
    action: leadsTo(form, event.submitter),
    y: scrollY,
    named: nameOf(event.submitter),
    about: aboutOf(form),
    lone: buttonsOf(leadsTo(form, event.submitter), nameOf(event.submitter)).length === 1,
    opened: openedParts(),
  };
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(place));
  } catch {
    // a browser that keeps nothing begins at the top
  }
}

/** Where a form is sent. An input may be named `action`: the attribute says it, not the property. */
function leadsTo(form, button) {
  const action = button?.getAttribute("formaction") ?? form.getAttribute("action") ?? "";
  return new URL(action, location.href).pathname;
}

const nameOf = (button) => (button?.name ? `${button.name}=${button.value}` : "");

// Fields that say which state of things somebody saw, or name one act: another one each time the page is shown.
const FRESH = /^(csrf_token|act|offered|as_of|number|seen|(basis|shown)(\..*)?)$/;

/**
 * What a form is about, of several that are sent to one place: a group of a list, a session. A number of 32 bits (FNV-1a), because
 * the browser keeps it until the next page, and what a form holds is nothing to keep.
 */
function aboutOf(form) {
  const hidden = [...form.elements].filter((one) => one.type === "hidden" && !FRESH.test(one.name));
  const said = JSON.stringify(hidden.map((one) => [one.name, one.value]));
  let about = 0x811c9dc5;
  for (let at = 0; at < said.length; at += 1) about = Math.imul(about ^ said.charCodeAt(at), 0x01000193) >>> 0;
  return about;
}

/** The buttons that send a form there, with their forms. */
function buttonsOf(action, named) {
  const forms = [...document.forms].filter((one) => one.getAttribute("method") === "post");
  const buttons = forms.flatMap((form) => [...form.elements].map((one) => [form, one]));
  const sends = "button:not([type=button], [type=reset])";
  return buttons.filter(([form, one]) => one.matches(sends) && leadsTo(form, one) === action && nameOf(one) === named);
}

/** What was pressed, on the page that answers; null if it is gone, or cannot be told from another. */
function pressedAt(place) {
  const same = buttonsOf(place.action, place.named);
  const found = place.lone ? same : same.filter(([form]) => aboutOf(form) === place.about);
  return found.length === 1 && found[0][1].checkVisibility() ? found[0][1] : null;
}

function isInSight(one) {
  const box = one.getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight;
}

/** The named parts of the page that are open, but for what closes by itself. */
function openedParts() {
  return [...document.querySelectorAll("main details[id][open]:not(.drop)")].map((one) => one.id);
}

function keptPlace() {
  try {
    const place = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    sessionStorage.removeItem(PLACE);
    return place && Date.now() - place.at < PLACE_MS ? place : null;
  } catch {
    return null;
  }
}

/** Takes the focus there; what takes none by itself does so now, but is no stop of the Tab key. */
function focusOn(one, options) {
  if (!one.matches(CLOSEST)) one.tabIndex = -1;
  one.focus(options);
}

function backToPlace(place) {
  if (!place || location.hash || document.querySelector("main [autofocus]")) return;
  const done = [...document.querySelectorAll("main > .notice[role=status]:not(.bad)")].at(-1); // with the way to undo it
  // Some pages say that something is wrong whatever was done: where an act is said to be done, none of it was refused.
  const fault = done ? null : document.querySelector("main [aria-invalid=true]") ?? document.querySelector("main .notice.bad[role=alert]");
  if (fault && [place.action, place.page].includes(location.pathname)) {
    const part = fault.closest("details:not([open])");
    if (part) part.open = true;
    fault.scrollIntoView({ block: "center" });
    focusOn(fault, { preventScroll: true });
    return;
  }
  if (place.page !== location.pathname) return;
  for (const id of place.opened) document.getElementById(id)?.setAttribute("open", "");
  scrollTo(0, place.y);
  const pressed = pressedAt(place);
  const next = done && !(pressed && isInSight(pressed)) ? done : pressed;
  if (next) focusOn(next, { preventScroll: true });
  // What was done is said at the head of the page: whoever is further down sees it until they move on.
  if (done && scrollY > 0) {
    done.classList.add("in-sight");
    for (const moves of ["wheel", "keydown", "pointerdown", "touchmove"]) {
      addEventListener(moves, () => done.classList.remove("in-sight"), { once: true, passive: true });
    }
  }
}
document.addEventListener("submit", keepPlace);

/** A link to what lies in a closed part of a page opens it; not every browser does. */
function openNamed() {
  const named = document.getElementById(location.hash.slice(1));
  const part = named?.closest("details:not([open])");
  if (part) {
    part.open = true;
    named.scrollIntoView();
  }
}
addEventListener("hashchange", openNamed);
openNamed();
backToPlace(keptPlace());
