// The rear camera inside the page: the page stays alive, which Android does not grant while its own camera app is open.
/** Null when there is no camera or the officer said no. */
export async function openCamera(): Promise<MediaStream | null> {
  try {
    // Wishes: a phone that has nothing so good gives what it has.
    const video = { facingMode: "environment", width: 1920, height: 1440 };
    return await navigator.mediaDevices.getUserMedia({ video });
  } catch {
    return null;
  }
}

/** How to switch the lamp, where this camera has one; browsers' types do not know it. */
export function torchOf(stream: MediaStream): ((on: boolean) => void) | null {
  const [track] = stream.getVideoTracks();
  const able = track?.getCapabilities?.() as { readonly torch?: boolean } | undefined;
  if (!able?.torch) return null;
  return (torch) => void track?.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] });
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
