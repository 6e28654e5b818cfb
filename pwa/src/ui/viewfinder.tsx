// The page's own camera. Place, accuracy and time are those of the shutter; without a camera the file input serves.
import { useEffect, useRef, useState } from "#view/hooks";
import { closeCamera, openCamera, torchOf } from "../device/camera";
import { now } from "../device/clock";
import { type Place, watchPlace } from "../device/place";
import { t } from "../i18n/text";

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
  const [lit, setLit] = useState(false);
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

  const torch = camera && torchOf(camera);
  const shoot = async () => {
    if (!video.current) return;
    const taken_at = now();
    onShot({ picture: await grab(video.current), place, taken_at });
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
        {torch && (
          <button
            type="button"
            aria-pressed={lit}
            onClick={() => {
              torch(!lit);
              setLit(!lit);
            }}
          >
            {t("torch")}
          </button>
        )}
      </div>
    </div>
  );
}

/**
 * The picture of this moment. A tap before the camera's first frame waits for it; a frame that a busy phone cannot hand
 * over (Chromium: "could not be allocated") gives way to the next.
 */
async function grab(video: HTMLVideoElement, tries = 10): Promise<ImageBitmap> {
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  return createImageBitmap(video).catch((error: unknown) => {
    if (tries > 1) return grab(video, tries - 1);
    throw error;
  });
}
