// Fast review by keys. The next items and their photos are loaded ahead; an act shows the next item at once and is sent
// behind it; one that the server refuses comes back as the next item, with the reason. Without this script the page's
// forms do the same, one page an act (fast.py).
"use strict";

const AHEAD = 3;
const UNDO_DEPTH = 20;
const HTTP_UNAUTHORIZED = 401;
const TURNS = 4;

const box = document.getElementById("fast");
const finished = document.getElementById("finished");
const said = document.getElementById("said");
const help = document.getElementById("help");
const buttons = Object.fromEntries(["before", "skip", "undo", "keys"].map((id) => [id, document.getElementById(id)]));
const words = box.dataset;

/** Items in their order: shown, passed and loaded ahead. `at`: the one on the screen; the length of it: the end. */
const items = [...box.querySelectorAll("article.item")];
const known = new Set(items.map((item) => item.dataset.record));
let at = 0;
let number = Number(words.number);
let loading = null;
let isWhole = items.length === 0;
let pending = 0;
/** Acts of this page, the latest last: the item, and a promise of the decision's id (null: it was refused). */
const acts = [];

// What is shown

function show(place, focus = true) {
  items[at]?.remove();
  number += place - at;
  at = place;
  const item = items[at];
  finished.hidden = item !== undefined;
  buttons.before.disabled = at === 0;
  document.getElementById("count")?.toggleAttribute("hidden", item === undefined);
  if (item === undefined) {
    finished.querySelector("a").focus();
    return;
  }
  document.getElementById("number").textContent = String(Math.max(1, number));
  finished.before(item);
  scrollTo(0, 0);
  if (focus) item.querySelector("h2").focus({ preventScroll: true });
  loadAhead();
}

function tell(text, kind = "good") {
  const line = document.createElement("p");
  line.className = `notice ${kind}`;
  line.textContent = text;
  said.replaceChildren(line);
}

// Loading ahead

function parse(html) {
  const found = new DOMParser().parseFromString(html, "text/html").querySelectorAll("article.item");
  return [...found].map((item) => document.importNode(item, true));
}

async function fetchItems(query) {
  const address = new URL(words.items, location.href);
  address.searchParams.set("from", words.from);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return parse(await answer.text());
}

function loadAhead() {
  if (loading || isWhole || items.length - at > AHEAD) return loading;
  const last = items[items.length - 1].dataset.record;
  loading = fetchItems({ after: last })
    .then((found) => {
      const fresh = found.filter((item) => !known.has(item.dataset.record));
      for (const item of fresh) {
        known.add(item.dataset.record);
        items.push(item);
        const photo = item.querySelector(".large img");
        if (photo) new Image().src = photo.src;
      }
      isWhole = fresh.length === 0;
    })
    .catch(() => tell(words.lost, "bad"))
    .finally(() => {
      loading = null;
    });
  return loading;
}

async function forward() {
  const from = at;
  if (from + 1 >= items.length && !isWhole) {
    await loadAhead();
    if (at !== from) return; // another key was faster
  }
  if (from < items.length) show(from + 1);
}

// Acts

async function send(address, data) {
  pending += 1;
  try {
    const headers = { Accept: "application/json" };
    const answer = await fetch(address, { method: "POST", body: data, headers, redirect: "error", keepalive: true });
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) return await answer.json();
    return { problem: answer.status === HTTP_UNAUTHORIZED ? words.ended : words.lost };
  } catch {
    return { problem: words.lost };
  } finally {
    pending -= 1;
  }
}

function decide(item, form, submitter) {
  const data = new FormData(form, submitter);
  const act = { item, decision: null };
  acts.push(act);
  if (acts.length > UNDO_DEPTH) acts.shift();
  tell(`${item.dataset.title}: ${words.sending}`);
  for (const panel of form.querySelectorAll("details[open]")) panel.open = false;
  const moved = forward();
  act.decision = send(form.action, data).then(async (answer) => {
    await moved; // where a refused one comes back depends on what is shown by then
    if (answer.decision) {
      tell(`${item.dataset.title}: ${answer.said}`);
      return answer.decision;
    }
    comeBack(act, answer.problem);
    return null;
  });
}

/** A refused act: its item is the next one, with the reason, and as the server has it now once that is loaded. */
function comeBack(act, problem) {
  const index = acts.indexOf(act);
  if (index >= 0) acts.splice(index, 1);
  tell(`${act.item.dataset.title}: ${problem} ${words.comesBack}`, "bad");
  const place = items.indexOf(act.item);
  if (place < at) {
    items.splice(place, 1);
    at -= 1;
    number -= 1;
    items.splice(at + 1, 0, act.item);
    number += items[at] === act.item ? 1 : 0;
  }
  explain(act.item, problem);
  renew(act.item, problem);
  if (!finished.hidden) show(items.indexOf(act.item));
}

function explain(item, problem) {
  const line = document.createElement("p");
  line.className = "notice bad refused";
  line.textContent = problem;
  item.querySelector(".refused")?.remove();
  item.querySelector("header").after(line);
}

/** Loads an item anew; what is on the screen or gone meanwhile stays. */
async function renew(item, problem) {
  const [fresh] = await fetchItems({ at: item.dataset.record }).catch(() => []);
  const place = items.indexOf(item);
  if (!fresh || place < 0 || place === at) return;
  explain(fresh, problem);
  items[place] = fresh;
}

async function undo() {
  const act = acts.pop();
  if (act === undefined) {
    tell(words.nothing, "bad");
    return;
  }
  const decision = await act.decision;
  if (decision === null) return;
  const form = act.item.querySelector("form.bar");
  const data = new FormData();
  for (const name of ["csrf_token", "from"]) data.set(name, form.elements[name].value);
  data.set("decision", decision);
  const address = form.action.replace(/decide$/, "undo");
  const answer = await send(address, data);
  if (answer.problem) {
    if (answer.problem === words.lost) acts.push(act);
    tell(`${act.item.dataset.title}: ${answer.problem}`, "bad");
    return;
  }
  const [fresh] = await fetchItems({ at: act.item.dataset.record }).catch(() => []);
  const place = items.indexOf(act.item);
  if (fresh) items[place] = fresh;
  show(place);
  tell(`${act.item.dataset.title}: ${words.undone}`);
}

// Keys

function press(name) {
  const item = items[at];
  const key = item?.querySelector(`form.bar [data-key="${name}"]`);
  if (!key) return;
  if (key.tagName === "BUTTON") key.click();
  else key.open = !key.open;
}

function choose(digit) {
  const item = items[at];
  const panel = item?.querySelector("form.bar .reasons[open]");
  if (panel) panel.querySelector(`[data-number="${digit}"]`)?.click();
  else side(item, digit);
}

/** Chooses a side of the first field of a conflict that has none yet; after the last one the form is sent. */
function side(item, digit) {
  const form = item?.querySelector(".card.conflict form.stack");
  if (!form) return;
  const sets = [...form.querySelectorAll("fieldset")];
  const open = sets.find((set) => !set.querySelector(":checked"));
  open?.querySelectorAll("input")[digit - 1]?.click();
  if (sets.every((set) => set.querySelector(":checked"))) form.requestSubmit();
}

function zoom() {
  items[at]?.querySelector(".large")?.classList.toggle("zoomed");
}

function turn() {
  const photo = items[at]?.querySelector(".large");
  if (!photo) return;
  const now = Number(photo.dataset.turned ?? 0);
  const next = (now + 1) % TURNS;
  photo.classList.remove(`turn-${now}`);
  photo.classList.add(`turn-${next}`);
  photo.dataset.turned = String(next);
}

function close() {
  for (const panel of items[at]?.querySelectorAll("form.bar details[open]") ?? []) panel.open = false;
}

const ACTS = {
  a: () => press("a"),
  r: () => press("r"),
  x: () => press("x"),
  j: forward,
  k: () => at > 0 && show(at - 1),
  z: undo,
  f: zoom,
  t: turn,
  "?": () => help.showModal(),
  escape: close,
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const typing = event.target.closest("textarea, select, input:not([type=checkbox], [type=radio])");
  const key = event.key.toLowerCase();
  if (typing && key !== "escape") return;
  if (typing) typing.blur();
  if (/^[1-9]$/.test(key)) choose(Number(key));
  else if (Object.hasOwn(ACTS, key)) ACTS[key]();
  else return;
  event.preventDefault();
});

/** Sends the chosen sides of a conflict; the item is then shown as it is now. */
async function settle(item, form) {
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
  const [fresh] = answer?.type === "opaqueredirect" ? await fetchItems({ at: item.dataset.record }).catch(() => []) : [];
  const place = items.indexOf(item);
  if (!fresh || place < 0) {
    form.submit(); // the page of the record says what is wrong
    return;
  }
  if (place === at) item.replaceWith(fresh);
  items[place] = fresh;
}

addEventListener("submit", (event) => {
  const form = event.target;
  const item = form.closest("article.item");
  if (!item || item !== items[at]) return;
  if (form.matches("form.bar")) {
    if (event.submitter?.name) decide(item, form, event.submitter);
  } else if (form.matches(".card.conflict form.stack")) settle(item, form);
  else return;
  event.preventDefault();
});

box.addEventListener("click", (event) => {
  const small = event.target.closest(".strip a");
  const large = event.target.closest("a.large");
  if (!small && !large) return;
  event.preventDefault();
  if (large) {
    zoom();
    return;
  }
  const photo = items[at].querySelector(".large");
  photo.href = small.href;
  photo.querySelector("img").src = small.href;
  for (const each of items[at].querySelectorAll(".strip a")) each.toggleAttribute("aria-current", each === small);
});

addEventListener("beforeunload", (event) => {
  if (pending > 0) event.preventDefault();
});

buttons.before.addEventListener("click", ACTS.k);
buttons.undo.addEventListener("click", undo);
buttons.keys.addEventListener("click", ACTS["?"]);
buttons.skip?.addEventListener("click", (event) => {
  event.preventDefault();
  forward();
});
for (const each of [buttons.before, buttons.undo, buttons.keys]) each.hidden = false;
buttons.before.disabled = true;
if (items.length > 0) loadAhead();
