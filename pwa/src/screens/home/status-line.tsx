// One line that is always true (SPEC H-1): `3 chờ gửi · 2 ảnh đang gửi · 41 đã xác nhận`; photos are `chờ gửi` while no
// byte of any is moving. It leads to the details.
import { status } from "../../device/lists";
import { uploading } from "../../device/uploads";
import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";

export function StatusLine() {
  const { db } = useApp();
  const now = useLive(() => status(db));
  if (!now) return null;
  const parts = [
    now.refused > 0 && t("status_refused", { n: now.refused }),
    now.on_phone > 0 && t("status_on_phone", { n: now.on_phone }),
    now.photos > 0 && t(uploading() ? "status_photos_moving" : "status_photos", { n: now.photos }),
    now.photos_sent > 0 && t("status_photos_sent", { n: now.photos_sent }),
    now.received > 0 && t("status_received", { n: now.received }),
    t("status_verified", { n: now.verified }),
  ];
  return (
    <p role="status" aria-label={t("status")}>
      <a class="status" href="#/sync">
        {parts.filter(Boolean).join(" · ")}
      </a>
    </p>
  );
}
