// One sentence to the officer about what just happened, said aloud by screen readers.
import { useLayoutEffect, useState } from "preact/hooks";
import { isFull, Unsaved } from "../db/open";
import { t } from "../i18n/text";

/** Long enough to read two lines slowly, and to take what is offered. */
const SHOWN_MS = 8_000;

/** What can be done about it by one tap. */
export interface Offer {
  readonly label: string;
  readonly act: () => void;
}

interface Notice {
  readonly text: string;
  readonly offer?: Offer | undefined;
  /** The screen it was said on; it goes with it. */
  readonly screen: string;
}

const SILENCE: Notice = { text: "", screen: "" };
let listener: (notice: Notice) => void = () => undefined;

export function notify(text: string, offer?: Offer): void {
  listener({ text, offer, screen: location.hash });
}

/** What went wrong on the phone itself, in words; never silent, never half done (the transactions see to that). */
export function notifyFailure(error: unknown): void {
  // All but `Unsaved` was to keep nothing: a lamp, a camera, a part of the app that did not come.
  const other = error instanceof Unsaved ? "phone_failed" : "fault";
  notify(t(isFull(error) ? "storage_full" : other));
}

export function useNotice(): [Notice, () => void] {
  const [notice, setNotice] = useState(SILENCE);
  const dismiss = () => setNotice(SILENCE);
  useLayoutEffect(() => {
    listener = setNotice;
    if (!notice.text) return;
    const gone = setTimeout(() => setNotice(SILENCE), SHOWN_MS);
    return () => clearTimeout(gone);
  }, [notice]);
  return [notice.screen === location.hash ? notice : SILENCE, dismiss];
}
