// A link to a record that hands its row on: the screen is drawn with it at once, not empty first and full a frame later.
import type { ComponentChildren } from "preact";
import type { RecordRow } from "../db/schema";
import { keepPlace } from "./router";

let tapped: RecordRow | undefined;

/** The row that was tapped: given once, and only to its own screen. */
export function tappedRow(id: string): RecordRow | undefined {
  const row = tapped;
  tapped = undefined;
  return row?.record === id ? row : undefined;
}

interface Props {
  readonly row: RecordRow;
  readonly class: string;
  readonly children: ComponentChildren;
}

export function RecordLink({ row, class: look, children }: Props) {
  const open = () => {
    tapped = row;
    keepPlace();
  };
  return (
    <a class={look} href={`#/record/${row.record}`} onClick={open}>
      {children}
    </a>
  );
}
