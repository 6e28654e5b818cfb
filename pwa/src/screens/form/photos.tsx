// The photos of a form: by the page's camera first, by the phone's own camera or gallery second and marked so.
import { useState } from "#view/hooks";
import { takeIn } from "../../device/photo";
import type { Place } from "../../device/place";
import { t } from "../../i18n/text";
import type { Values } from "../../sync/write";
import { useApp } from "../../ui/app-context";
import { notify } from "../../ui/notice";
import { Picture, photosIn } from "../../ui/picture";
import { type Shot, Viewfinder } from "../../ui/viewfinder";
import type { SetField } from "./use-draft";

interface Props {
  readonly record: string;
  readonly now: Values;
  readonly max: number;
  readonly set: SetField;
  /** A new record that needs a photo begins at the camera. */
  readonly cameraFirst: boolean;
  readonly onPlace: (place: Place | null) => void;
  /** A reviewer asks for other photos. */
  readonly marked: boolean;
}

export function Photos({ record, now, max, set, cameraFirst, onPlace, marked }: Props) {
  const { db } = useApp();
  const [camera, setCamera] = useState(cameraFirst);
  const [busy, setBusy] = useState(0);
  const photos = photosIn(now);
  const room = max - photos.length - busy;

  const add = async (picture: Blob | ImageBitmap, source: "camera" | "gallery", taken_at?: number) => {
    setBusy((count) => count + 1);
    try {
      const register = await takeIn(db, picture, source, taken_at);
      if (register) set(...register);
      else notify(t("photo_unreadable"));
    } finally {
      setBusy((count) => count - 1);
    }
  };
  const shot = ({ picture, place, taken_at }: Shot) => {
    setCamera(false);
    onPlace(place);
    void add(picture, "camera", taken_at);
  };
  const pick = ({ currentTarget: input }: { readonly currentTarget: HTMLInputElement }) => {
    const files = [...(input.files ?? [])];
    if (files.length > room) notify(t("photos_most", { n: max }));
    for (const file of files.slice(0, room)) void add(file, "gallery");
    input.value = "";
  };

  return (
    <section class={marked ? "photos marked" : "photos"} aria-label={t("photos")} aria-busy={busy > 0}>
      {marked && <strong class="mark">{t("photos_check")}</strong>}
      {photos.map(([name, value]) => (
        <figure key={name}>
          <Picture record={record} field={name} value={value} size="thumb" />
          <button type="button" class="remove" aria-label={t("photo_remove")} onClick={() => set(name, null)}>
            ×
          </button>
        </figure>
      ))}
      {busy > 0 && <p role="status">{t("photo_working")}</p>}
      {room > 0 && (
        <div class="row">
          <button type="button" class="primary" onClick={() => setCamera(true)}>
            {t("photo_take")}
          </button>
          <label class="button">
            {t("photo_pick")}
            <input type="file" accept="image/*" multiple onChange={pick} />
          </label>
        </div>
      )}
      {camera && <Viewfinder onShot={shot} onClose={() => setCamera(false)} />}
    </section>
  );
}
