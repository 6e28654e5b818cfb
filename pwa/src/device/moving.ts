// Whether bytes of a photo are on their way at this moment. The first screen says it and needs nothing else of
// uploads.ts, which comes with the second script.
let moving = false;

export function uploading(): boolean {
  return moving;
}

export function setMoving(now: boolean): void {
  moving = now;
}
