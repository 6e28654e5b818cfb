// A file leaves the app: by the phone's own sheet where it has one that takes the file, else into its downloads.
const MINUTE_MS = 60_000;

/** A promise rejects when the officer closed the sheet again. */
export function give(file: File): Promise<void> | undefined {
  // Chrome shares files of known endings only; whoever opens ours looks at what is inside.
  const known = new File([file], `${file.name}.txt`, { type: "text/plain" });
  const files = [[file], [known]].find((some) => navigator.canShare?.({ files: some }));
  if (files) return navigator.share({ files });
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(href), MINUTE_MS);
  return;
}
