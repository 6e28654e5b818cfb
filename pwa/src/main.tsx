// Where the phone app begins: the database is asked for, the sentences are there, the page is drawn.
import { render } from "preact";
import { Root } from "./app";
import { Unsaved } from "./db/open";
import { loadTexts } from "./i18n/text";
import { openPhone } from "./officers/session";
import { keepQuestion } from "./platform/browser";
import { notifyFailure } from "./ui/notice";
import { applyTextSize } from "./ui/text-size";
import "./ui/styles";

// What failed and nobody else took up is said to the officer: no screen has to.
addEventListener("unhandledrejection", (event) => {
  // That there was no room is no fault of the app's: it is said, so it is not uncaught.
  if (event.reason instanceof Unsaved) event.preventDefault();
  notifyFailure(event.reason);
});
// What a screen throws as it is drawn. Without an error it is a resource, or the browser's own remark.
addEventListener("error", (event) => event.error && notifyFailure(event.error));

async function begin(): Promise<void> {
  openPhone();
  keepQuestion();
  applyTextSize();
  await loadTexts();
  const place = document.getElementById("app");
  // What index.html says of a script that is late goes.
  place?.replaceChildren();
  if (place !== null) render(<Root />, place);
}

void begin();
