// The photos of a form: by the page's camera first, by the phone's own camera or from its gallery second and marked so.
import { useEffect, useState } from "#view/hooks";
import { changed } from "../../device/bus";
import { restCamera } from "../../device/camera";
import { now } from "../../device/clock";
import type { DraftRow } from "../../device/db";
import { lay } from "../../device/inbox";
import type { Taken } from "../../device/photo";
import type { Place } from "../../device/place";
import type { Source } from "../../device/source";
import { type Key, t } from "../../i18n/text";
import type { Kind } from "../../sync/kind";
import { useApp } from "../../ui/app-context";
import { notify } from "../../ui/notice";
import { Picture, photosIn } from "../../ui/picture";
import { type Shot, Viewfinder } from "../../ui/viewfinder";
import { later, useOthers } from "../later";
import type { SetField } from "./use-draft";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly set: SetField;
  /** A new record that needs a photo begins at the camera. */
  readonly cameraFirst: boolean;
  readonly onPlace: (place: Place | null) => void;
  /** A reviewer asks for other photos. */
  readonly marked: boolean;
}

/** Until the next form has opened its camera. */
const BETWEEN_MS = 3_000;

export function Photos({ draft, kind, set, cameraFirst, onPlace, marked }: Props) {
  const { db } = useApp();
  const photos = photosIn(draft.now);
  const [camera, setCamera] = useState(cameraFirst && photos.length === 0);
  const [busy, setBusy] = useState(0);
  const [last, setLast] = useState<Taken>();
  const Together = useOthers()?.Together;
  const { max } = kind.photos;
  const isNew = draft.record === draft.id;
  const room = max - photos.length - busy;
  const newest = photos.find(([name]) => name === last?.register[0]);
  useEffect(() => () => restCamera(BETWEEN_MS), []);

  const add = async (picture: Blob | ImageBitmap, source: Source, at: number) => {
    setBusy((count) => count + 1);
    try {
      const taken = await (await later()).take(db, picture, source, at);
      if (typeof taken === "string") return notify(t(taken));
      set(...taken.register);
      setLast(taken);
    } finally {
      setBusy((count) => count - 1);
    }
  };
  const shot = ({ picture, place, taken_at }: Shot) => {
    setCamera(false);
    onPlace(place);
    void add(picture, "camera", taken_at);
  };
  const again = () => {
    if (newest) set(newest[0], null);
    setCamera(true);
  };
  const input = (label: Key, source: Source, capture?: string) => (
    <label class="button">
      {t(label)}
      <input
        type="file"
        accept="image/*"
        multiple={!capture}
        capture={capture}
        onChange={({ currentTarget: chooser }) => {
          const files = [...(chooser.files ?? [])];
          chooser.value = "";
          setCamera(false);
          if (capture) onPlace(null);
          else if (isNew && photos.length === 0 && files.length > 1)
            return void lay(files, "gallery").then(changed);
          if (files.length > room) notify(t("photos_most", { n: max }));
          for (const file of files.slice(0, room)) void add(file, source, file.lastModified || now());
        }}
      />
    </label>
  );
  const others = [input("photo_phone", "phone", "environment"), input("photo_pick", "gallery")];

  return (
    <section class={marked ? "photos marked" : "photos"} aria-label={t("photos")} aria-busy={busy > 0}>
      {marked && <strong class="mark">{t("photos_check")}</strong>}
      {photos.map(([name, value]) => (
        <figure key={name}>
          <Picture record={draft.record} field={name} value={value} size="thumb" />
          <button type="button" class="remove" aria-label={t("photo_remove")} onClick={() => set(name, null)}>
            ×
          </button>
        </figure>
      ))}
      {/* As large as the photo will be: nothing moves under the thumb that is on its way to the slogan. */}
      {busy > 0 && (
        <p role="status" class="picture thumb">
          {t("photo_working")}
        </p>
      )}
      {newest && last?.remark && (
        <p class="hint" role="status">
          {t(last.remark)}
        </p>
      )}
      {isNew && Together && <Together draft={draft} kind={kind} room={room} add={add} />}
      {room > 0 && !camera && (
        <div class="row">
          <button type="button" class="primary" onClick={() => setCamera(true)}>
            {t(photos.length + busy > 0 ? "photo_more" : "photo_take")}
          </button>
          {newest && (
            <button type="button" onClick={again}>
              {t("photo_again")}
            </button>
          )}
          {photos.length + busy === 0 && others}
        </div>
      )}
      {camera && (
        <Viewfinder onShot={shot} onClose={() => setCamera(false)}>
          {others}
        </Viewfinder>
      )}
    </section>
  );
}
