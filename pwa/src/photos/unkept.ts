// Photos for which the disk had no room, after all was let go that may be: in this page's memory alone, by the form that they are
// of. They stay on the screen and hold the page until they are stored, saved as a file, or let go by their officer (SPEC P-25).
import type { Value } from "../core/write";
import { changed } from "../platform/changed";
import { holdPage } from "../platform/hold";

/** Puts a register into the form that is open; false where that has ended. */
type Keep = (name: string, value: Value, file: Request | undefined) => Promise<boolean>;

export interface UnkeptPhoto {
  readonly picture: Blob;
  /** Tries to store it once more. */
  readonly store: (keep: Keep) => Promise<boolean>;
  /** It is in a file that was given away as well: it holds nothing any more, and may still be stored. */
  readonly given?: boolean;
}

const byForm = new Map<string, readonly UnkeptPhoto[]>();
let letGo: (() => void) | undefined;

export function unkeptOf(form: string): readonly UnkeptPhoto[] {
  return byForm.get(form) ?? [];
}

/** `before` stands in for `now`; one of them is nothing where a photo comes or goes. */
export function changeUnkept(form: string, before: UnkeptPhoto | undefined, now?: UnkeptPhoto): void {
  const left = unkeptOf(form).filter(({ picture }) => ![before?.picture, now?.picture].includes(picture));
  byForm.set(form, now ? [...left, now] : left);
  const holds = [...byForm.values()].flat().some(({ given }) => !given);
  if (holds) letGo ??= held();
  else {
    letGo?.();
    letGo = undefined;
  }
  changed();
}

/** And the browser asks before somebody closes it. */
function held(): () => void {
  const free = holdPage();
  addEventListener("beforeunload", ask);
  return () => {
    removeEventListener("beforeunload", ask);
    free();
  };
}

function ask(event: Event): void {
  event.preventDefault();
}
