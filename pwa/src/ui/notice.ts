// One sentence to the officer about what just happened, said aloud by screen readers.
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/text";

/** Long enough to read two lines slowly. */
const SHOWN_MS = 8_000;

let listener: (text: string) => void = () => undefined;

export function notify(text: string): void {
  listener(text);
}

/** What went wrong on the phone itself, in words; never silent, never half done (the transactions see to that). */
export function notifyFailure(error: unknown): void {
  const full = error instanceof DOMException && error.name === "QuotaExceededError";
  notify(t(full ? "storage_full" : "phone_failed"));
}

export function useNotice(): [string, () => void] {
  const [text, setText] = useState("");
  useEffect(() => {
    listener = setText;
    if (!text) return;
    const gone = setTimeout(() => setText(""), SHOWN_MS);
    return () => clearTimeout(gone);
  }, [text]);
  return [text, () => setText("")];
}
