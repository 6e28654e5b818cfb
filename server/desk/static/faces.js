// Covers parts of a photo: a press on the picture sets a part there, a drag of the mouse draws one; a part is moved by
// dragging it or by arrow keys, made larger or smaller at its corner or with Shift, and removed with Delete. Without
// this script a photo can be answered for and left out, and parts that were drawn stay.

const WHOLE = 10_000;
const LEAST = 50;
const STEP = 100;
const USUAL = 1_600;
const MOST = 40;
/** Pixels of a press that moved nothing, and of the corner by which a part is made larger. */
const STILL = 6;
const CORNER = 26;

const board = document.querySelector(".mask-board");
const form = document.querySelector("form.faces");
const sent = form.elements.parts;
const says = document.querySelector("[data-says]");
const { part: NAMED, added: ADDED, removed: REMOVED } = form.dataset;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const masks = () => [...board.querySelectorAll(".mask")];
const boxOf = (mask) => mask.dataset.box.split(",").map(Number);

/** The place of a pointer, in ten-thousandths of the picture. */
function placed({ clientX, clientY }) {
  const { left, top, width, height } = board.getBoundingClientRect();
  const at = (from, start, length) => clamp(Math.round(((from - start) / length) * WHOLE), 0, WHOLE);
  return [at(clientX, left, width), at(clientY, top, height)];
}

/** Puts a part within the picture, however it was asked for. */
function put(mask, [x, y, width, height]) {
  const wide = clamp(width, LEAST, WHOLE);
  const high = clamp(height, LEAST, WHOLE);
  const box = [clamp(x, 0, WHOLE - wide), clamp(y, 0, WHOLE - high), wide, high].map(Math.round);
  mask.dataset.box = box.join(",");
  for (const [nth, side] of ["left", "top", "width", "height"].entries())
    mask.style[side] = `${box[nth] / 100}%`;
}

function tell() {
  const all = masks();
  for (const [nth, mask] of all.entries()) {
    const [x, y, width, height] = boxOf(mask).map((each) => Math.round(each / 100));
    const said = { n: nth + 1, x, y, width, height };
    mask.setAttribute(
      "aria-label",
      NAMED.replace(/\{(\w+)\}/g, (_, name) => said[name]),
    );
  }
  sent.value = all.map((mask) => mask.dataset.box).join(" ");
  for (const button of document.querySelectorAll("[data-mask=remove]")) button.disabled = all.length === 0;
}

function add(box) {
  if (masks().length >= MOST) return null;
  const mask = document.createElement("button");
  mask.type = "button";
  mask.className = "mask";
  mask.setAttribute("aria-describedby", "mask-help");
  put(mask, box);
  board.append(mask);
  return mask;
}

function around([x, y]) {
  const { width, height } = board.getBoundingClientRect();
  const high = (USUAL * width) / height; // a square on the screen
  return [x - USUAL / 2, y - high / 2, USUAL, high];
}

function addNew(box) {
  const mask = add(box);
  tell();
  mask?.focus();
  says.textContent = ADDED;
}

function remove(mask) {
  if (!mask) return;
  const next = mask.nextElementSibling ?? document.querySelector("[data-mask=add]");
  mask.remove();
  tell();
  next.focus();
  says.textContent = REMOVED;
}

/** What a drag does from here on: a function of the place that the pointer is at. */
function beginning(event, from) {
  const mask = event.target.closest(".mask");
  if (!mask) {
    if (event.pointerType === "touch") return null; // the page scrolls; a press sets a part
    let drawn = null;
    return ([x, y]) => {
      drawn ??= add([...from, LEAST, LEAST]);
      if (drawn)
        put(drawn, [
          Math.min(x, from[0]),
          Math.min(y, from[1]),
          Math.abs(x - from[0]),
          Math.abs(y - from[1]),
        ]);
    };
  }
  mask.focus();
  const [left, top, width, height] = boxOf(mask);
  const { right, bottom, width: wide, height: high } = mask.getBoundingClientRect();
  const atCorner =
    right - event.clientX < Math.min(CORNER, wide / 2) && bottom - event.clientY < Math.min(CORNER, high / 2);
  return ([x, y]) => {
    const [across, down] = [x - from[0], y - from[1]];
    if (atCorner)
      put(mask, [left, top, Math.min(width + across, WHOLE - left), Math.min(height + down, WHOLE - top)]);
    else put(mask, [left + across, top + down, width, height]);
  };
}

board.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  const from = placed(event);
  const start = [event.clientX, event.clientY];
  const onPart = event.target.closest(".mask");
  const drag = beginning(event, from);
  let moved = false;
  if (drag) board.setPointerCapture(event.pointerId);
  const move = (next) => {
    moved ||= Math.hypot(next.clientX - start[0], next.clientY - start[1]) > STILL;
    if (moved) drag?.(placed(next));
  };
  const end = (next) => {
    for (const [name, act] of [
      ["pointermove", move],
      ["pointerup", end],
      ["pointercancel", end],
    ])
      board.removeEventListener(name, act);
    if (!(moved || onPart) && next.type === "pointerup") addNew(around(from));
    else if (moved && !onPart && drag) masks().at(-1)?.focus();
    tell();
  };
  board.addEventListener("pointermove", move);
  board.addEventListener("pointerup", end);
  board.addEventListener("pointercancel", end);
});

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

board.addEventListener("keydown", (event) => {
  const mask = event.target.closest(".mask");
  if (!mask || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Delete" || event.key === "Backspace") remove(mask);
  else if (Object.hasOwn(ARROWS, event.key)) {
    const [across, down] = ARROWS[event.key].map((each) => each * STEP);
    const [x, y, width, height] = boxOf(mask);
    if (event.shiftKey)
      put(mask, [x, y, Math.min(width + across, WHOLE - x), Math.min(height + down, WHOLE - y)]);
    else put(mask, [x + across, y + down, width, height]);
    tell();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});

let chosen = null;
board.addEventListener("focusin", (event) => {
  chosen = event.target.closest(".mask") ?? chosen;
});
for (const button of document.querySelectorAll("[data-mask]")) {
  button.addEventListener("click", () => {
    if (button.dataset.mask === "add") addNew(around([WHOLE / 2, WHOLE / 2]));
    else remove(chosen?.isConnected ? chosen : masks().at(-1));
  });
}

for (const box of sent.value.split(" ").filter(Boolean)) add(box.split(",").map(Number));
for (const each of document.querySelectorAll("[data-drawing]")) each.hidden = false;
tell();
