// Another phone or program joined with this officer's account. Shown until it is acknowledged: it may be a stranger's.

import { meta } from "../../db/schema";
import { t } from "../../i18n/text";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { formOpen } from "../../ui/router";
import { showTime } from "../../ui/show";

export function NewDevices() {
  const { db, catalog } = useApp();
  const understood = useLive(async () => (await meta(db, "understood")) ?? []);
  const unseen = catalog.new_devices?.filter((device) => !understood?.includes(device.id)) ?? [];
  if (!understood || formOpen()) return null;
  return (
    <>
      {unseen.map(({ id, label, at, script, by, contact }) => (
        <p key={id} class="alert" role="alert">
          {t(script ? "new_program" : "new_device", {
            device: label,
            at: showTime(at),
            by: by || t("administrator"),
            contact: contact ? `${contact.name} ${contact.phone}`.trim() : t("administrator"),
          })}{" "}
          <button
            type="button"
            onClick={() => void db.put("meta", [...understood, id], "understood").then(changed)}
          >
            {t("understood")}
          </button>
        </p>
      ))}
    </>
  );
}
