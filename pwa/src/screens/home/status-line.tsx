// One line that is always true (SPEC H-1): `3 chờ gửi · 2 ảnh, 1 tệp PDF đang gửi · 41 đã gửi đủ`; photos and PDF files are
// `chờ gửi` while no byte of any is moving. It leads to the details.
import { status } from "../../db/queries";
import { t } from "../../i18n/text";
import { uploading } from "../../photos/upload";
import { useApp } from "../../ui/app-context";
import { fileKinds, filesText } from "../../ui/file-count";
import { useSteady } from "../../ui/live";

/** On the app's icon, where there is one: how many records are on this phone alone. */
function showBadge(n: number): void {
  void navigator.setAppBadge?.(n).catch(() => undefined);
}

const PARTS = [
  "refused",
  "replies_refused",
  "seals_refused",
  "on_phone",
  "replies",
  "seals",
  "batch",
  "files",
  "files_sent",
  "received",
  "verified",
] as const;

export function StatusLine() {
  const { db } = useApp();
  const now = useSteady(async () => ({ ...(await status(db)), moving: uploading() }));
  // Its place, so that nothing below moves when it comes.
  if (!now) return <p class="status">&nbsp;</p>;
  showBadge(now.on_phone + now.refused);
  const parts = PARTS.flatMap((name) => {
    const held = now[name];
    if (typeof held === "number") {
      const what = name === "received" ? fileKinds(now.files_left) : "";
      return held > 0 ? t(`status_${name}`, { n: held, what }) : [];
    }
    const what = filesText(held);
    return held.photos + held.pdfs > 0
      ? t(name === "files" && now.moving ? "files_moving" : `status_${name}`, { what })
      : [];
  });
  return (
    <p role="status" aria-label={t("status")}>
      <a class="status" href="#/sync">
        {parts.join(" · ") || t("status_nothing")}
      </a>
    </p>
  );
}
