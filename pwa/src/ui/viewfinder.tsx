// The page's own camera. Place, accuracy and time are those of the shutter; without a camera the file input serves.
import { useEffect, useRef, useState } from "preact/hooks";
import { closeCamera, openCamera } from "../device/camera";
import { now } from "../device/clock";
import { type Place, watchPlace } from "../device/place";
import { t } from "../i18n/text";
import { notifyFailure } from "./notice";

export interface Shot {
  readonly picture: ImageBitmap;
  readonly place: Place | null;
  readonly taken_at: number;
}

interface Props {
  readonly onShot: (shot: Shot) => void;
  readonly onClose: () => void;
}

export function Viewfinder({ onShot, onClose }: Props) {
  const [camera, setCamera] = useState<MediaStream | null>();
  const [place, setPlace] = useState<Place | null>(null);
  const video = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    let opened: MediaStream | null = null;
    let gone = false;
    void openCamera().then((found) => {
      opened = found;
      if (gone && found) closeCamera(found);
      else setCamera(found);
    });
    const stop = watchPlace(setPlace);
    return () => {
      gone = true;
      stop();
      if (opened) closeCamera(opened);
    };
  }, []);

  useEffect(() => {
    if (video.current && camera) video.current.srcObject = camera;
  }, [camera]);

  const shoot = async () => {
    if (!video.current) return;
    const taken_at = now();
    try {
      await firstFrame(video.current);
      onShot({ picture: await createImageBitmap(video.current), place, taken_at });
    } catch (error) {
      notifyFailure(error);
    }
  };

  return (
    <div class="viewfinder" role="dialog" aria-label={t("camera")}>
      {camera === null ? (
        <p role="alert">{t("camera_missing")}</p>
      ) : (
        <video ref={video} autoplay playsInline muted />
      )}
      <p class="fix">{place ? t("place_within", { m: place.accuracy_m }) : t("place_waiting")}</p>
      <div class="shutter-row">
        <button type="button" onClick={onClose}>
          {t("close")}
        </button>
        {camera && (
          <button type="button" class="shutter" aria-label={t("shutter")} onClick={() => void shoot()} />
        )}
      </div>
    </div>
  );
}

/** A tap before the first picture came counts: it waits for it. */
async function firstFrame(video: HTMLVideoElement): Promise<void> {
  if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) return;
  await new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }));
}
