// The page's own camera. Place, accuracy and time are those of the shutter; without a camera the file inputs serve.

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/text";
import { openCamera, restCamera, torchOf } from "../photos/camera";
import { originalOf } from "../photos/shrink";
import { isTimeSure, now } from "../platform/clock";
import { holdPage } from "../platform/page";
import { type Place, watchPlace } from "../platform/place";
import { Icon } from "./icon";
import { Allow, useAge } from "./sensors";

export interface Shot {
  /** Encoded once, as large as the camera gives it: that is its original. */
  readonly picture: Promise<Blob>;
  readonly place: Place | null;
  /** Undefined where the phone's clock may be wrong. */
  readonly taken_at: number | undefined;
}

interface Props {
  readonly onShot: (shot: Shot) => void;
  readonly onClose: () => void;
  /** The other ways to a photo. */
  readonly children: ComponentChildren;
}

/** From one banner to the next; who takes longer waits for the camera to open anew. */
const REST_MS = 60_000;

export function Viewfinder({ onShot, onClose, children }: Props) {
  const [camera, setCamera] = useState<MediaStream | "denied" | "missing">();
  const [, setLit] = useState(false);
  const [place, setPlace] = useState<Place | null>();
  const age = useAge(place?.fixed_at);
  const video = useRef<HTMLVideoElement>(null);
  const self = useRef<HTMLDivElement>(null);
  const again = useRef<() => Promise<void>>(async () => undefined);
  const stream = typeof camera === "object" ? camera : undefined;

  useEffect(() => {
    let gone = false;
    const holder = {};
    const open = async () => {
      const found = await openCamera(holder);
      if (gone) restCamera(0, holder);
      else setCamera(found);
    };
    void open();
    // Back from the phone's own camera, which took it away, or from its settings, where it was allowed.
    document.addEventListener("visibilitychange", open);
    again.current = open;
    // The permission is given in the browser's own panel, which hides no page.
    let permission: PermissionStatus | undefined;
    void navigator.permissions
      ?.query({ name: "camera" as PermissionName })
      .then((status) => {
        permission = status;
        if (!gone) status.onchange = () => status.state === "granted" && void open();
      })
      .catch(() => undefined);
    const stop = watchPlace(setPlace);
    return () => {
      gone = true;
      document.removeEventListener("visibilitychange", open);
      if (permission) permission.onchange = null;
      stop();
      restCamera(REST_MS, holder);
    };
  }, []);

  // A screen reader goes where the eye goes, and back to the form's own place afterwards.
  useEffect(() => {
    const before = document.activeElement;
    self.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);

  useEffect(() => {
    if (video.current && stream) video.current.srcObject = stream;
  }, [stream]);

  const torch = stream && torchOf(stream);
  const shoot = async () => {
    if (!video.current) return;
    const taken_at = isTimeSure() ? now() : undefined;
    // From the tap on: what is on its way from the camera is in this page alone.
    const letGo = holdPage();
    try {
      onShot({ picture: originalOf(await grab(video.current)), place: place ?? null, taken_at });
    } finally {
      letGo();
    }
  };

  const leave = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
  };

  return (
    <div
      ref={self}
      class="viewfinder"
      role="dialog"
      aria-modal="true"
      aria-label={t("camera")}
      tabIndex={-1}
      onKeyDown={leave}
    >
      {typeof camera === "string" ? (
        <div class="stands">
          <p role="alert">{t("camera_missing")}</p>
          <button type="button" onClick={() => void again.current()}>
            {t("camera_again")}
          </button>
          {camera === "denied" && <Allow what="camera" />}
        </div>
      ) : (
        <video ref={video} autoplay playsInline muted />
      )}
      <p>
        {place
          ? `${t("place_within", { m: place.accuracy_m })} · ${age}`
          : t(place === null ? "place_denied" : "place_waiting")}
        <small>{t("photo_faces")}</small>
      </p>
      <div class="row">{children}</div>
      <div class="shutter-row">
        <button type="button" class="side" onClick={onClose}>
          <Icon name="close" />
          {t("close")}
        </button>
        {stream && <button type="button" class="shutter" aria-label={t("shutter")} onClick={shoot} />}
        {torch ? (
          <button
            type="button"
            class="side"
            aria-pressed={torch.lit}
            onClick={() => void torch.light(!torch.lit).then(() => setLit(!torch.lit))}
          >
            <Icon name="torch" />
            {t("torch")}
          </button>
        ) : (
          <span />
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
