// What leaves the app: a file by the phone's own sheet where that takes it, else into the downloads; a text by the clipboard.
import { t } from "../i18n/text";
import { notify } from "./notice";

const MINUTE_MS = 60_000;

/** Rejects when the officer closed the sheet again. */
export async function give(file: File): Promise<void> {
  // Chrome shares files of known endings only; whoever opens ours looks at what is inside.
  const known = new File([file], `${file.name}.txt`, { type: "text/plain" });
  const files = [[file], [known]].find((some) => navigator.canShare?.({ files: some }));
  try {
    if (files) return await navigator.share({ files });
  } catch (error) {
    // Too large to be shared, say (50 MB in Chrome), is said only now.
    if ((error as DOMException).name === "AbortError") throw error;
  }
  download(file);
}

/** Into the downloads. */
export function download(file: File): void {
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(href), MINUTE_MS);
}

/** Says whether it did: some browsers let no page copy. */
export function copy(text: string): Promise<void> {
  return navigator.clipboard.writeText(text).then(
    () => notify(t("summary_copied")),
    () => notify(t("summary_by_hand")),
  );
}
