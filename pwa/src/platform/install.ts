// The browser's own question whether to install, kept until the officer asks for it: it comes once, early, and only
// where nothing stands in the way of installing.
import { changed } from "./changed";

interface Question extends Event {
  prompt(): Promise<unknown>;
}

let question: Question | undefined;

export function keepQuestion(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    question = event as Question;
    changed();
  });
}

export function mayInstall(): boolean {
  return question !== undefined;
}

/** A browser answers its question once. */
export async function install(): Promise<void> {
  await question?.prompt();
  question = undefined;
  // Installed apps are granted what a tab is refused.
  await navigator.storage?.persist?.();
  changed();
}
