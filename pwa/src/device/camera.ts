// The rear camera inside the page: the page stays alive, which Android does not grant while its own camera app is open.
export interface Camera {
  readonly stream: MediaStream;
  readonly torch: boolean;
}

/** Null when there is no camera or the officer said no. */
export async function openCamera(): Promise<Camera | null> {
  try {
    const video = { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1440 } };
    const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    const able = stream.getVideoTracks()[0]?.getCapabilities?.() as { torch?: boolean } | undefined;
    return { stream, torch: able?.torch === true };
  } catch {
    return null;
  }
}

export async function setTorch({ stream }: Camera, on: boolean): Promise<void> {
  const torch = { advanced: [{ torch: on } as MediaTrackConstraintSet] };
  await stream.getVideoTracks()[0]?.applyConstraints(torch);
}

export function closeCamera({ stream }: Camera): void {
  for (const track of stream.getTracks()) track.stop();
}
