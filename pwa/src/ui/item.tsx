// One record in a list: what it is, its number, its state, how far it got. State is words, never colour alone.
import type { RecordRow } from "../device/db";
import { said, word } from "../i18n/text";
import { value, values } from "../sync/record";
import { kindOf, useApp } from "./app-context";
import { Picture, photosIn } from "./picture";
import { fieldOf, showValue } from "./show";

export function Item({ row }: { readonly row: RecordRow }) {
  const { catalog, campaign } = useApp();
  const kind = kindOf(catalog, row.kind);
  const field = fieldOf(kind, kind?.title);
  const title = value(row.view.fields, kind?.title ?? "");
  const [photo] = photosIn(values(row.view.fields));
  return (
    <a class="item" href={`#/record/${row.record}`}>
      {photo && <Picture record={row.record} field={photo[0]} value={photo[1]} size="thumb" />}
      <span class="item-text">
        <span class="item-title">
          {title === null ? said(kind?.label) : showValue(field, title, campaign)}
        </span>
        <span class="item-number">
          {said(kind?.label)} {row.number}
        </span>
        <Chips row={row} />
        {row.view.state === "returned" && <span>{row.decision?.reason}</span>}
      </span>
    </a>
  );
}

export function Chips({ row }: { readonly row: RecordRow }) {
  const { state, delivery, marks } = row.view;
  return (
    <span class="chips">
      {marks.map((mark) => (
        <span key={mark} class="chip warn">
          {word("marks", mark)}
        </span>
      ))}
      <span class={`chip ${state}`}>{word("states", state)}</span>
      {delivery && <span class={`chip ${delivery}`}>{word("delivery", delivery)}</span>}
    </span>
  );
}
