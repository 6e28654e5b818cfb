// From a card's picture to the phone app: what an older build of it is kept on this phone is brought up to date first,
// for it takes fewer digits. Without a network, or after a while, the app is opened as it is.
"use strict";

const PATIENCE_MS = 8000;
const app = `/app/#/enrol/${location.hash.replace(/[^0-9]/g, "")}`;

function settled(worker) {
  return new Promise((resolve) => {
    const look = () => (worker.state === "activated" || worker.state === "redundant") && resolve();
    const step = () => {
      // It waits for the pages of the older build; none of those is needed here, and an open one keeps its files.
      if (worker.state === "installed") worker.postMessage("take over");
      look();
    };
    worker.addEventListener("statechange", step);
    step();
  });
}

async function renew() {
  const registration = await navigator.serviceWorker?.getRegistration("/app/");
  if (!registration) return;
  await registration.update();
  const next = registration.installing ?? registration.waiting;
  if (next) await settled(next);
}

document.getElementById("go").href = app;
Promise.race([renew().catch(() => null), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]).then(() =>
  location.replace(app),
);
