// The photos of a record's page: one is made large or turned, by a click or the keys F and T. Without this script each
// photo is a link to the whole picture.
"use strict";

const TURNS = 4;

/** The photo that keys act on: the one last pointed at, else the first. */
let current = document.querySelector(".photos figure > a");

function zoom() {
  current.classList.toggle("zoomed");
}

function turn() {
  const now = Number(current.dataset.turned ?? 0);
  const next = (now + 1) % TURNS;
  current.classList.remove(`turn-${now}`);
  current.classList.add(`turn-${next}`);
  current.dataset.turned = String(next);
}

const PHOTO_KEYS = { f: zoom, t: turn };

function start() {
  const section = document.querySelector(".photos");
  section.addEventListener("click", (event) => {
    const act = event.target.closest("[data-photo]")?.dataset.photo;
    const link = event.target.closest("figure > a");
    if (act) (act === "zoom" ? zoom : turn)();
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    current = link;
    zoom();
  });
  for (const kind of ["pointerover", "focusin"]) {
    section.addEventListener(kind, (event) => {
      current = event.target.closest("figure > a") ?? current;
    });
  }
  addEventListener("keydown", (event) => {
    const key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !Object.hasOwn(PHOTO_KEYS, key)) return;
    if (event.target.closest("textarea, select, input:not([type=checkbox], [type=radio])")) return;
    event.preventDefault();
    PHOTO_KEYS[key]();
  });
  section.querySelector(".photo-keys").hidden = false;
}

if (current) start();
