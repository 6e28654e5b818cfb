// Photos dropped on the page or pasted into it go into the file input beside those that were chosen, and all are shown.
// Without it they are chosen with the input alone, and a new record's form leads to the page that has one.
"use strict";

const input = document.querySelector("input[type=file][name=photos]");
const zone = document.querySelector(".drop-zone");
const list = document.querySelector(".chosen");
const plain = input.form.action;
document.querySelector("[data-drop]").hidden = false;
if (zone.hidden) {
  zone.hidden = false;
  for (const each of document.querySelectorAll("[data-plain]")) each.hidden = true;
}

function show() {
  if (zone.dataset.form) {
    input.form.action = input.files.length ? zone.dataset.form : plain;
    input.form.enctype = input.files.length ? "multipart/form-data" : "application/x-www-form-urlencoded";
  }
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const item = document.createElement("li");
      const image = document.createElement("img");
      image.alt = "";
      image.src = URL.createObjectURL(file);
      image.addEventListener("error", () => image.remove()); // no photo: the server says what it is instead
      item.append(image, file.name);
      return item;
    }),
  );
}

function add(files) {
  if (!files.length) return;
  input.closest("details")?.setAttribute("open", "");
  const all = new DataTransfer();
  for (const file of [...input.files, ...files]) all.items.add(file);
  input.files = all.files;
  show();
}

input.addEventListener("change", show);
addEventListener("pageshow", show); // the browser keeps what was chosen when one comes back
addEventListener("paste", (event) => add(event.clipboardData?.files ?? []));
for (const name of ["dragover", "dragenter"]) {
  addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
}
addEventListener("dragleave", () => zone.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault(); // else the browser leaves the page for the file
  zone.classList.remove("over");
  add(event.dataTransfer.files);
});
