// Photos for which the disk had no room, after all was let go that may be: in this page's memory alone, each with what would be noted
// of it on the disk. They stay on the screen, on home too, go into a rescue file, and hold the page until they are stored, given away as a
// file, or let go by their officer (SPEC P-28).
import type { CaptureRow, Db } from "../db/schema";
import { changed } from "../platform/changed";
import { holdPage } from "../platform/page";
import type { ReadyFileWithBytes } from "./take-in";

export interface UnkeptPhoto {
  readonly database: string;
  readonly row: CaptureRow;
  /** As it came; small where there was memory for that. */
  readonly picture: Blob;
  readonly taken?: ReadyFileWithBytes | undefined;
  /** It is in a file that was given away as well: it holds nothing any more, and may still be stored. */
  readonly given?: boolean;
}

let all: readonly UnkeptPhoto[] = [];
let letGo: (() => void) | undefined;

export function unkeptOf(form: string): readonly UnkeptPhoto[] {
  return all.filter(({ row }) => row.draft === form);
}

/** Of an officer. */
export function allUnkept({ name }: Pick<Db, "name">): readonly UnkeptPhoto[] {
  return all.filter(({ database }) => database === name);
}

/** One that was tried again in vain is there once. */
export function keepUnkept(photo: UnkeptPhoto): void {
  change([...all.filter(({ picture }) => picture !== photo.picture), photo]);
}

export function forgetUnkept(...photos: readonly UnkeptPhoto[]): void {
  const gone = photos.map(({ row }) => row.id);
  change(all.filter(({ row }) => !gone.includes(row.id)));
}

function change(next: readonly UnkeptPhoto[]): void {
  all = next;
  if (all.some(({ given }) => !given)) letGo ??= holdPage(true);
  else {
    letGo?.();
    letGo = undefined;
  }
  changed();
}
