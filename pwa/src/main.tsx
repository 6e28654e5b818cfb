// Where the phone app begins: draws the page and registers the worker that lets it start without a network.
import { render } from "preact";

const place = document.getElementById("app");
if (place !== null) render(<h1>Loa</h1>, place);

if ("serviceWorker" in navigator) {
  await navigator.serviceWorker.register(`${import.meta.env.BASE_URL}sw.js`);
}
