// A new version waits until the officer takes it, and then until what is being sent was sent. The outbox is in the
// database, not in the page: nothing is lost.
import { useEffect, useState } from "#view/hooks";
import { t } from "../i18n/text";
import { notify } from "./notice";

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
  return () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    notify(t("update_waits"));
    void navigator.locks.request("loa-exchange", () => waiting.postMessage("take over"));
  };
}
