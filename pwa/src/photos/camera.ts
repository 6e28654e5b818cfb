// The rear camera inside the page: the page stays alive, which Android does not grant while its own camera app is open.
// One stream serves photo after photo: it rests between two, and is let go when none comes or the page is not seen.
// It is kept as a promise: who asks while the phone asks the officer waits for the same one.
let stream: Promise<MediaStream> | undefined;
let resting: ReturnType<typeof setTimeout> | undefined;
/** The viewfinder that shows it; none while it rests. */
let holder: object | undefined;

/** Or why there is none: the officer, or the phone, said no; or it has no camera that is free. */
export async function openCamera(viewfinder: object): Promise<MediaStream | "denied" | "missing"> {
  holder = viewfinder;
  clearTimeout(resting);
  document.onvisibilitychange = null;
  stream = Promise.resolve(stream).then((held) => (held?.active ? held : open()), open);
  try {
    return await stream;
  } catch (error) {
    return (error as DOMException).name === "NotAllowedError" ? "denied" : "missing";
  }
}

function open(): Promise<MediaStream> {
  // Wishes: a phone that has nothing so good gives what it has.
  const video = { facingMode: "environment", width: 1920, height: 1440 };
  return navigator.mediaDevices.getUserMedia({ video });
}

/** Said by a viewfinder that is gone, at once or once the phone's question was answered: another may have it by then. */
export function restCamera(ms: number, viewfinder?: object): void {
  if (holder && holder !== viewfinder) return;
  holder = undefined;
  clearTimeout(resting);
  resting = setTimeout(closeCamera, ms);
  document.onvisibilitychange = closeCamera;
}

function closeCamera(): void {
  stream?.then(
    (held) => {
      // Taken up again while the phone was still asking.
      if (holder) return;
      for (const track of held.getTracks()) track.stop();
    },
    () => null,
  );
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
