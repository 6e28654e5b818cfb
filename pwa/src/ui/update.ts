// A new version waits until the officer takes it, and then until what is being sent was sent and the form that was opened
// meanwhile is left. The outbox is in the database, not in the page: nothing is lost.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/text";
import { beginAnew } from "../platform/page";
import { notify } from "./notice";
import { formOpen } from "./router";

/** How to take the waiting version; null while there is none. */
export function useUpdate(): (() => void) | null {
  const [waiting, setWaiting] = useState<ServiceWorker | null>(null);
  useEffect(() => {
    const { serviceWorker } = navigator;
    void serviceWorker?.getRegistration().then((registration) => {
      if (!registration) return;
      const look = () => {
        // Without a controller this is the first installation, not an update.
        if (registration.waiting && serviceWorker.controller) setWaiting(registration.waiting);
      };
      look();
      registration.addEventListener("updatefound", () =>
        registration.installing?.addEventListener("statechange", look),
      );
    });
  }, []);
  if (!waiting) return null;
  const take = () =>
    outside(() => {
      const send = () => (formOpen() ? take() : waiting.postMessage("take over"));
      void navigator.locks.request("loa-exchange", send);
    });
  return () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => outside(beginAnew));
    notify(t("update_waits"));
    take();
  };
}

/** At once, or when the form that is open is left. */
function outside(act: () => void): void {
  const look = () => {
    if (formOpen()) return;
    removeEventListener("hashchange", look);
    act();
  };
  addEventListener("hashchange", look);
  look();
}
