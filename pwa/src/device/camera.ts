// The rear camera inside the page: the page stays alive, which Android does not grant while its own camera app is open.
// One stream serves photo after photo: it rests between two, and is let go when none comes or the page is not seen.
let stream: MediaStream | undefined;
let resting: ReturnType<typeof setTimeout> | undefined;

/** Or why there is none: the officer, or the phone, said no; or it has no camera that is free. */
export async function openCamera(): Promise<MediaStream | "denied" | "missing"> {
  clearTimeout(resting);
  document.onvisibilitychange = null;
  if (stream?.active) return stream;
  try {
    // Wishes: a phone that has nothing so good gives what it has.
    const video = { facingMode: "environment", width: 1920, height: 1440 };
    stream = await navigator.mediaDevices.getUserMedia({ video });
    return stream;
  } catch (error) {
    return (error as DOMException).name === "NotAllowedError" ? "denied" : "missing";
  }
}

export function restCamera(ms: number): void {
  clearTimeout(resting);
  resting = setTimeout(closeCamera, ms);
  document.onvisibilitychange = closeCamera;
}

function closeCamera(): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** The lamp, where this camera has one; browsers' types do not know it. */
export interface Torch {
  readonly lit: boolean;
  readonly light: (on: boolean) => Promise<void>;
}

export function torchOf(camera: MediaStream): Torch | null {
  const [track] = camera.getVideoTracks();
  const able = track?.getCapabilities?.() as { readonly torch?: boolean } | undefined;
  if (!(track && able?.torch)) return null;
  return {
    lit: (track.getSettings() as { readonly torch?: boolean }).torch === true,
    light: (torch) => track.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] }),
  };
}
