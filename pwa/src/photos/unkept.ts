// Photos for which the disk had no room, after all was let go that may be: in this page's memory alone, by the form that they are
// of. They stay on the screen and hold the page until they are stored, saved as a file, or let go by their officer.
import type { Value } from "../core/write";
import { changed } from "../platform/changed";
import { holdPage } from "../platform/hold";
import type { Photo } from "./shrink";

/** A photo that was made small, and the register that it gets. */
export interface UnkeptPhoto {
  readonly photo: Photo;
  readonly register: readonly [string, Value];
  /** It is in a file that was given away as well: it holds nothing any more, and may still be stored. */
  readonly given?: boolean;
}

const byForm = new Map<string, readonly UnkeptPhoto[]>();
let letGo: (() => void) | undefined;

export function unkeptOf(form: string): readonly UnkeptPhoto[] {
  return byForm.get(form) ?? [];
}

export function putUnkept(form: string, photos: readonly UnkeptPhoto[]): void {
  if (photos.length > 0) byForm.set(form, photos);
  else byForm.delete(form);
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
