// Conveniences of every page; all works without them. What opens below its word closes by Escape, or by a click elsewhere.
const opened = () => document.querySelectorAll("details.drop[open]");
document.addEventListener("click", (event) => {
  for (const one of opened()) if (!one.contains(event.target)) one.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const one of opened()) {
      one.open = false;
      one.querySelector("summary").focus();
    }
  }
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector(".search input");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// A list's ticks: the bar says how many, and its act is for those.
const pickers = document.querySelectorAll("[data-picks]");
for (const bar of pickers) {
  const boxes = [...document.querySelectorAll(`input[type="checkbox"][form="${bar.id}"]`)];
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    bar.querySelector("[data-count]").textContent = count;
    bar.hidden = count === 0;
  };
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
}
