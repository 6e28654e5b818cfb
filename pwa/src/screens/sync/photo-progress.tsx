// A photo on its way, thumbnail and original: waiting, sending with bytes, received, verified, refused with its reason.
import type { UploadRow } from "../../db/schema";
import { sentence, t } from "../../i18n/text";

export function PhotoProgress({ uploads }: { readonly uploads: readonly UploadRow[] }) {
  if (uploads.length === 0) return null;
  const sorted = [...uploads].sort((a, b) => (a.field < b.field ? -1 : 1) || (a.role === "thumb" ? -1 : 1));
  return (
    <ul class="progress">
      {sorted.map((upload) => (
        <li key={upload.sha256}>
          {t(upload.role === "thumb" ? "thumbnail" : "photo")}: {stateOf(upload)}
          {upload.state === "waiting" && upload.sent_bytes > 0 && (
            <progress max={upload.size_bytes} value={upload.sent_bytes} />
          )}
        </li>
      ))}
    </ul>
  );
}

function stateOf({ state, code, sent_bytes, size_bytes }: UploadRow): string {
  if (state === "refused") return sentence(code ?? "internal");
  if (state === "waiting" && sent_bytes > 0)
    return t("photo_sending", { sent: kb(sent_bytes), all: kb(size_bytes) });
  return t(`upload_${state}`, { all: kb(size_bytes) });
}

function kb(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
