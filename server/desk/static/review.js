// Fast review by keys. The next items and their photos are loaded ahead; an act shows the next item at once and is sent
// behind it; one that the server refuses comes back as the next item, with the reason. Without this script the page's
// forms do the same, one page an act (fast.py).
"use strict";

const AHEAD = 3;
const UNDO_DEPTH = 20;
const HTTP_UNAUTHORIZED = 401;
const TURNS = 4;
const TRIES = 4;
const PAUSE_MS = 300;

const box = document.getElementById("fast");
const finished = document.getElementById("finished");
const said = document.getElementById("said");
const help = document.getElementById("help");
const beside = document.getElementById("beside");
const buttons = Object.fromEntries(["before", "skip", "undo", "keys"].map((id) => [id, document.getElementById(id)]));
const words = box.dataset;

/** Of each article, at which of the changes what it adds was read. */
const readAt = new WeakMap();
/** Records in the order in which they are shown; `at`: the one on the screen, the length of it at the end. */
const order = [];
/** The article of each record: shown, passed or loaded ahead. */
const articles = new Map();
let at = 0;
let number = Number(words.number);
/** The last record that the server listed: its order goes on behind it, whatever came back on the screen. */
let tail = "";
let loading = null;
let isWhole = false;
let pending = 0;
/** Grows as an act is sent and as it is answered: what an item adds is known where it was read since the last of these. */
let changes = 0;
let token = "";
/** Acts of this page, the latest last: the record, its title, and a promise of what can be undone. */
const acts = [];
let acted = 0;
/** What was decided on this page, by record, as far as the server has it. */
const decided = new Map();
const VERDICTS = { a: "counted", r: "returned", x: "not_counted", w: "withdrawn" };
/** The undo that runs, or ran last. One waits for the other, so that several in a hurry end on the item undone last. */
let undoing = Promise.resolve();

function keep(article) {
  const { record } = article.dataset;
  if (!articles.has(record)) order.push(record);
  articles.set(record, article);
  article.querySelector(".photo-keys")?.removeAttribute("hidden");
  token = article.querySelector("[name=csrf_token]").value; // a sign-in on another tab makes a new one
}

function current() {
  return articles.get(order[at]);
}

// What is shown

function show(place, focus = true) {
  close();
  box.querySelector("article.item")?.remove();
  number += place - at;
  at = place;
  const item = current();
  finished.hidden = item !== undefined;
  buttons.before.disabled = at === 0;
  document.getElementById("count")?.toggleAttribute("hidden", item === undefined);
  if (item === undefined) {
    sumUp();
    finished.querySelector("a").focus();
    return;
  }
  const count = document.getElementById("number");
  if (count) count.textContent = String(Math.max(1, number));
  finished.before(item);
  renewLine();
  scrollTo(0, 0);
  if (focus) item.querySelector("h2").focus({ preventScroll: true });
  loadAhead();
}

/** At the end of the list: how many were decided in which way, and how many were passed. */
function sumUp() {
  const counts = { counted: 0, returned: 0, not_counted: 0, withdrawn: 0 };
  for (const verdict of decided.values()) counts[verdict] += 1;
  const line = document.getElementById("summary");
  const all = { ...counts, skipped: order.length - decided.size };
  const text = counts.withdrawn > 0 ? `${words.summary} ${words.summaryWithdrawn}` : words.summary;
  line.textContent = text.replace(/\{(\w+)\}/g, (_, name) => String(all[name]));
  line.hidden = order.length === 0;
}

/** What the item on the screen adds: hidden while it may be another by now, and read anew once nothing is on its way. */
async function renewLine() {
  const item = current();
  const line = item?.querySelector(".adds");
  if (!line) return;
  const now = changes;
  line.toggleAttribute("data-old", pending > 0 || readAt.get(item) !== now);
  if (pending > 0 || readAt.get(item) === now) return;
  const text = await ask({ line: item.dataset.record }).catch(() => null);
  if (text !== null && now === changes) putLine(item, text);
}

function putLine(item, text) {
  const line = item.querySelector(".adds");
  if (!line) return;
  line.textContent = text;
  line.removeAttribute("data-old");
  readAt.set(item, changes);
}

function tell(text, kind = "good") {
  const line = document.createElement("p");
  line.className = `notice ${kind}`;
  line.textContent = text;
  said.replaceChildren(line);
}

// Loading ahead

async function fetchItems(query) {
  const now = changes;
  const found = new DOMParser().parseFromString(await ask(query), "text/html").querySelectorAll("article.item");
  return [...found].map((each) => {
    const item = document.importNode(each, true);
    readAt.set(item, now);
    return item;
  });
}

async function ask(query) {
  const address = new URL(words.items, location.href);
  address.searchParams.set("from", words.from);
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const answer = await fetch(address, { redirect: "error" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.text();
}

/** Loads what comes next in the list. True if that went well. */
async function loadNext() {
  let found = null;
  for (let tries = 1; found === null && tries <= TRIES; tries += 1) {
    found = await fetchItems({ after: tail }).catch(() => null); // the line, or a server that is busy for a moment
    if (found === null && tries < TRIES) await new Promise((done) => setTimeout(done, tries * PAUSE_MS));
  }
  if (found === null) {
    tell(words.lost, "bad");
    return false;
  }
  isWhole = found.length === 0;
  for (const item of found) {
    tail = item.dataset.record;
    if (articles.has(tail)) continue;
    keep(item);
    const photo = item.querySelector(".large img");
    if (photo) new Image().src = photo.src;
  }
  return true;
}

function loadAhead() {
  if (loading === null && !isWhole && order.length - at <= AHEAD) {
    loading = loadNext().finally(() => {
      loading = null;
    });
  }
  return loading;
}

async function forward() {
  const from = at;
  while (from + 1 >= order.length && !isWhole) {
    if ((await loadAhead()) === false) return; // said; the item stays until the line is back
    if (at !== from) return; // another key was faster
  }
  if (from < order.length) show(from + 1);
}

// Acts

async function post(address, data) {
  data.set("csrf_token", token);
  const headers = { Accept: "application/json" };
  const answer = await fetch(address, { method: "POST", body: data, headers, redirect: "error", keepalive: true });
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  return { status: answer.status, said: isJson ? await answer.json() : null };
}

/** Sends an act; after a sign-in on another tab once more, with the new token of the item's form. */
async function send(address, data, record) {
  pending += 1;
  changes += 1;
  try {
    let answer = await post(address, data);
    if (answer.said === null && answer.status !== HTTP_UNAUTHORIZED) {
      const [fresh] = await fetchItems({ at: record });
      token = fresh.querySelector("[name=csrf_token]").value;
      answer = await post(address, data);
    }
    return answer.said ?? { problem: answer.status === HTTP_UNAUTHORIZED ? words.ended : words.lost };
  } catch {
    return { problem: words.lost };
  } finally {
    pending -= 1;
    changes += 1;
  }
}

function decide(item, form, submitter) {
  const data = new FormData(form, submitter);
  for (const name of [...data.keys()]) {
    const ready = /^(?:text|fields)\.(.*)$/.exec(name); // of reasons that were not pressed
    if (ready && ready[1] !== data.get("template")) data.delete(name);
  }
  const { record, title } = item.dataset;
  acted += 1;
  const act = { nth: acted, record, title, undoes: null, address: form.action.replace(/decide$/, "undo") };
  acts.push(act);
  if (acts.length > UNDO_DEPTH) acts.shift();
  tell(`${title}: ${words.sending}`);
  const next = articles.get(order[at + 1]);
  data.set("next", next?.dataset.record ?? "");
  const sending = send(form.action, data, record);
  const now = changes;
  const moved = forward();
  act.undoes = sending.then(async (answer) => {
    // Nothing else was on its way meanwhile: what the next one adds is of after this act.
    if (next && answer.next !== undefined && changes === now + 1) putLine(next, answer.next);
    await moved; // where a refused one comes back depends on what is shown by then
    renewLine();
    if (answer.problem) {
      comeBack(act, answer.problem);
      return null;
    }
    if (act.nth === acted) tell(`${title}: ${answer.said}`); // an older one's late answer hides nothing newer
    decided.set(record, VERDICTS[submitter.closest("[data-key]")?.dataset.key]);
    if (!finished.hidden) sumUp();
    return answer.decision;
  });
}

/** A refused act: its item is the next one, with the reason, and as the server has it now once that is loaded. */
function comeBack(act, problem) {
  const index = acts.indexOf(act);
  if (index >= 0) acts.splice(index, 1);
  tell(`${act.title}: ${problem} ${words.comesBack}`, "bad");
  const place = order.indexOf(act.record);
  if (place < at) {
    order.splice(place, 1);
    at -= 1;
    number -= 1;
    order.splice(at + 1, 0, act.record);
  }
  explain(articles.get(act.record), problem);
  const renewed = renew(act.record, problem);
  if (finished.hidden) return;
  renewed.then(() => {
    if (!finished.hidden) show(order.indexOf(act.record)); // else another key was faster
  });
}

function explain(item, problem) {
  const line = document.createElement("p");
  line.className = "notice bad refused";
  line.textContent = problem;
  item.querySelector(".refused")?.remove();
  item.querySelector("header").after(line);
}

/** Loads an item anew; what is on the screen meanwhile stays. */
async function renew(record, problem) {
  const [fresh] = await fetchItems({ at: record }).catch(() => []);
  const shown = finished.hidden && record === order[at];
  if (!fresh || (shown && current().querySelector("form.bar details[open]"))) return; // a reason is being written there
  explain(fresh, problem);
  keep(fresh);
  if (shown) show(at, false);
}

function undo() {
  const act = acts.pop();
  undoing = undoing.then(() => takeBack(act));
}

async function takeBack(act) {
  if (!act) {
    tell(words.nothing, "bad");
    return;
  }
  const decision = await act.undoes;
  if (decision === null) return;
  if (!decision) {
    await takeBack(acts.pop()); // that act said what was said before: the one before it is undone
    return;
  }
  const data = new FormData();
  data.set("from", words.from);
  data.set("decision", decision);
  const answer = await send(act.address, data, act.record);
  if (answer.problem) {
    if (answer.problem === words.lost || answer.problem === words.ended) again(act);
    tell(`${act.title}: ${answer.problem}`, "bad");
    return;
  }
  decided.delete(act.record);
  const [fresh] = await fetchItems({ at: act.record }).catch(() => []);
  if (fresh) keep(fresh);
  show(order.indexOf(act.record));
  tell(`${act.title}: ${answer.said}`);
}

/** An undo that did not get through can be tried again, in its turn. */
function again(act) {
  acts.push(act);
  acts.sort((one, other) => one.nth - other.nth);
}

// Keys

function press(name) {
  const key = current()?.querySelector(`form.bar [data-key="${name}"]`);
  if (!key) return;
  if (key.tagName === "BUTTON") key.click();
  else key.open = !key.open;
}

function choose(digit) {
  const panel = current()?.querySelector("form.bar .reasons[open]");
  const kept = current()?.querySelector(`.card.conflict [data-choice="${digit}"]`);
  if (panel) panel.querySelector(`[data-number="${digit}"]`)?.click();
  else if (kept) kept.click();
  else side(current(), digit);
}

/** Chooses a side of the first field of a conflict that has none yet; after the last one Enter sends the form. */
function side(item, digit) {
  const form = item?.querySelector(".card.conflict form.stack");
  if (!form) return;
  const sets = [...form.querySelectorAll("fieldset")];
  const open = sets.find((set) => !set.querySelector(":checked"));
  open?.querySelectorAll("input")[digit - 1]?.click();
  if (sets.every((set) => set.querySelector(":checked"))) form.querySelector("button").focus();
}

function zoom() {
  current()?.querySelector(".large")?.classList.toggle("zoomed");
}

function turn() {
  const photo = current()?.querySelector(".large");
  if (!photo) return;
  const now = Number(photo.dataset.turned ?? 0);
  const next = (now + 1) % TURNS;
  photo.classList.remove(`turn-${now}`);
  photo.classList.add(`turn-${next}`);
  photo.dataset.turned = String(next);
}

/** Shows the photo behind the one that is large; behind the last, the first. */
function nextPhoto() {
  const strip = [...(current()?.querySelectorAll(".strip a") ?? [])];
  const large = strip.findIndex((each) => each.hasAttribute("aria-current"));
  if (strip.length > 1) view(strip[(large + 1) % strip.length]);
}

function close() {
  for (const panel of current()?.querySelectorAll("form.bar details[open]") ?? []) panel.open = false;
}

// Beside the photo of another record

const pairs = () => [...(current()?.querySelectorAll("a[data-pair]") ?? [])];

/** Shows the first like pair of the item, or this one; then the next one; behind the last it closes. */
async function compare(next = beside.open ? Number(beside.dataset.nth) + 1 : 0) {
  const links = pairs();
  const link = links[next];
  if (!link) {
    beside.dataset.nth = "-1"; // the pair that is still on its way is not to open it again
    beside.close();
    return;
  }
  beside.dataset.nth = String(next);
  const item = current();
  const answer = await fetch(link.href).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const pair = page?.querySelector(".two-photos");
  if (!pair) {
    location.assign(link.href); // the page itself says what is wrong
    return;
  }
  if (item !== current() || Number(beside.dataset.nth) !== next) return; // another key was faster
  beside.querySelector(".two-photos").replaceWith(pair);
  document.getElementById("beside-nth").textContent = links.length > 1 ? `${next + 1}/${links.length}` : "";
  document.getElementById("beside-next").hidden = next + 1 === links.length;
  if (!beside.open) beside.showModal();
}

const ACTS = {
  a: () => press("a"),
  r: () => press("r"),
  x: () => press("x"),
  w: () => press("w"),
  j: forward,
  k: () => at > 0 && show(at - 1),
  z: undo,
  f: zoom,
  t: turn,
  n: nextPhoto,
  c: () => compare(),
  "?": () => help.showModal(),
  escape: close,
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const typing = event.target.closest("textarea, select, input:not([type=checkbox], [type=radio])");
  const key = event.key.toLowerCase();
  if (beside.open && key !== "c") return; // nothing is decided behind it
  if (typing && key !== "escape") return;
  if (!/^[1-9]$/.test(key) && !Object.hasOwn(ACTS, key)) return;
  event.preventDefault();
  if (event.repeat) return; // a key held down decides nothing that nobody has seen
  if (typing) typing.blur();
  if (/^[1-9]$/.test(key)) choose(Number(key));
  else ACTS[key]();
});

/** Sends the chosen sides of a conflict, or whether a record stays; the item is then shown as it is now. */
async function settle(item, form) {
  const { record } = item.dataset;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => null);
  const [fresh] = answer?.type === "opaqueredirect" ? await fetchItems({ at: record }).catch(() => []) : [];
  if (!fresh) {
    form.submit(); // the page of the record says what is wrong
    return;
  }
  keep(fresh);
  if (record !== order[at]) return;
  item.replaceWith(fresh);
  fresh.querySelector("h2").focus({ preventScroll: true });
}

addEventListener("submit", (event) => {
  const form = event.target;
  const item = form.closest("article.item");
  if (!item || item !== current()) return;
  if (form.matches("form.bar")) {
    if (event.submitter?.name) decide(item, form, event.submitter);
  } else if (form.matches(".card.conflict form")) settle(item, form);
  else return;
  event.preventDefault();
});

document.getElementById("beside-next").addEventListener("click", () => compare());
box.addEventListener("click", (event) => {
  const key = event.target.closest("[data-photo]");
  const pair = event.target.closest("a[data-pair]");
  if (pair && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    compare(pairs().indexOf(pair));
    return;
  }
  if (key) ACTS[key.dataset.photo]();
  const small = event.target.closest(".strip a");
  const large = event.target.closest("a.large");
  if ((!small && !large) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (large) zoom();
  else view(small);
});

/** Shows a photo of the strip large, with what is known of it. */
function view(small) {
  const item = current();
  const photo = item.querySelector(".large");
  const image = photo.querySelector("img");
  photo.href = small.href;
  photo.className = "large";
  photo.dataset.turned = "0";
  image.src = small.href;
  image.alt = small.querySelector("img").alt;
  item.querySelector(".photo-number").textContent = small.dataset.number;
  item.querySelector(".photo-caption").textContent = small.dataset.caption;
  for (const each of item.querySelectorAll(".strip a")) {
    if (each === small) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  }
}

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
for (const article of box.querySelectorAll("article.item")) {
  readAt.set(article, changes);
  keep(article);
  tail = article.dataset.record;
}
isWhole = order.length === 0;
if (order.length > 0) loadAhead();
