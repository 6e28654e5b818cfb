// The rear camera inside the page: the page stays alive, which Android does not grant while its own camera app is open.
/** Null when there is no camera or the officer said no. */
export async function openCamera(): Promise<MediaStream | null> {
  try {
    const video = { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1440 } };
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch {
    return null;
  }
}

export function closeCamera(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
