// The size of text that an officer chose for this app, on top of the browser's own: kept beside the language.
const CHOICE = "loa-text";

/** In percent of the browser's size; the first is the app's own. */
export const SIZES = [112.5, 131, 150] as const;

export function textSize(): number {
  const held = Number(localStorage.getItem(CHOICE));
  return SIZES.find((one) => one === held) ?? SIZES[0];
}

/** Called before the first screen is drawn, so that nothing moves. */
export function applyTextSize(): void {
  document.documentElement.style.setProperty("--size", `${textSize()}%`);
}

export function chooseTextSize(size: number): void {
  localStorage.setItem(CHOICE, String(size));
  applyTextSize();
}
