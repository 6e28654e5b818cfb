// Suggests units while somebody types into a unit field. Without it the same text is sent with the form (units.py).
"use strict";

const PAUSE_MS = 200;
const LEAST = 2;
const plural = new Intl.PluralRules(document.documentElement.lang);

function field(input) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = "unit-suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  const count = document.createElement("span");
  count.className = "unseen";
  count.setAttribute("role", "status");
  input.closest(".unit-field").append(list, count); // beside the label, which would read them out as the field's name
  const marks = { role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" };
  for (const [name, value] of Object.entries(marks)) input.setAttribute(name, value);
  let timer = 0;
  let asked = 0;
  let at = -1;

  const close = () => {
    asked += 1; // an answer that is still on its way comes too late
    clearTimeout(timer);
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (next) => {
    at = next;
    [...list.children].forEach((row, number) => row.setAttribute("aria-selected", String(number === at)));
    list.children[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const take = (row) => {
    input.value = row.textContent;
    close();
    input.focus();
  };
  const show = (labels) => {
    list.replaceChildren(
      ...labels.map((label, number) => {
        const row = document.createElement("li");
        row.textContent = label;
        row.id = `${list.id}-${number}`;
        row.setAttribute("role", "option");
        row.setAttribute("aria-selected", "false");
        return row;
      }),
    );
    at = -1;
    list.hidden = labels.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    const { found, foundOne } = input.dataset;
    count.textContent = (plural.select(labels.length) === "one" ? foundOne : found).replace("{count}", labels.length);
  };
  const ask = async () => {
    asked += 1;
    const mine = asked;
    const address = new URL(input.dataset.suggest, location.href);
    address.searchParams.set("q", input.value);
    try {
      const answer = await fetch(address, { redirect: "error" });
      const labels = answer.ok ? await answer.json() : [];
      if (mine === asked) show(labels);
    } catch {
      if (mine === asked) close(); // no network, or signed out: the form itself says so
    }
  };

  input.addEventListener("input", () => {
    close();
    if (input.value.trim().length >= LEAST) timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const rows = list.children.length;
    if (event.key === "ArrowDown") mark((at + 1) % rows);
    else if (event.key === "ArrowUp") mark((at <= 0 ? rows : at) - 1);
    else if (event.key === "Enter" && at >= 0) take(list.children[at]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the field keeps the focus
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("li");
    if (row) take(row);
  });
  input.addEventListener("blur", close);
}

for (const input of document.querySelectorAll("input[data-suggest]")) field(input);
