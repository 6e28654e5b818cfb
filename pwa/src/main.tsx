// Where the phone app begins: sentences, page, and the worker that lets it start without a network.
import { render } from "#view/queue";
import { Root } from "./app";
import { loadTexts } from "./i18n/text";
import { notifyFailure } from "./ui/notice";
import "./ui/tokens.css";
import "./ui/app.css";

addEventListener("unhandledrejection", (event) => notifyFailure(event.reason));

async function begin(): Promise<void> {
  await loadTexts();
  const place = document.getElementById("app");
  if (place !== null) render(<Root />, place);
  await navigator.serviceWorker?.register(`${import.meta.env.BASE_URL}sw.js`);
}

void begin();
