// One record in a list: what it is, its number, its state, how far it got. State is words, never colour alone.

import { dueDay, dueMoment, lateMarks } from "../core/late";
import { value, values } from "../core/record";
import { addingOf } from "../core/sums";
import { gist } from "../core/text";
import { verdictToRead } from "../core/view";
import { byId, type Catalog, kindOf } from "../db/catalog";
import type { RecordRow } from "../db/schema";
import { said, t, word } from "../i18n/text";
import { type App, useApp } from "./app-context";
import { fileKinds } from "./file-count";
import { Look } from "./look-at";
import { photosIn } from "./picture";
import { RecordLink } from "./record-link";
import { fieldOf, inBrief, showContribution, showProgress, showValue } from "./show";

interface ItemProps {
  readonly row: RecordRow;
  /** As little as tells it from others. */
  readonly brief?: boolean | undefined;
}

export function Item({ row, brief: short }: ItemProps) {
  const app = useApp();
  const { catalog } = app;
  const kind = kindOf(catalog, row.kind);
  const held = values(row.view.fields);
  const photos = photosIn(held);
  const title = titleOf(row, catalog);
  // The same of the same as on its own page and at the desk (SPEC F-30).
  const adding = kind && !kind.act && addingOf(row);
  const adds = adding && showContribution(kind, adding);
  const brief = [inBrief(kind, held), showProgress(kind, held)].filter(Boolean).join(" · ");
  // All banners of a campaign share three slogans: what tells them apart is read first.
  const shared = brief !== "" && fieldOf(kind, kind?.title)?.type === "slogan";
  if (short)
    return (
      <div class="item brief">
        {photos[0] && <Look record={row.record} photos={photos} at={0} size="thumb" />}
        <RecordLink class="item-text" row={row}>
          <span class="one-line">
            <b>
              {said(kind?.label)} {otherUnit(app, row.unit)} {row.number}
            </b>
            {brief && ` · ${brief}`}
          </span>
          <small class="one-line">
            <Chips row={row} /> {title}
          </small>
        </RecordLink>
      </div>
    );
  return (
    <div class="item">
      {photos[0] && <Look record={row.record} photos={photos} at={0} size="thumb" />}
      <RecordLink class="item-text" row={row}>
        <span class="item-title">{shared ? brief : title}</span>
        {shared ? <span class="item-more">{title}</span> : brief && <span class="item-more">{brief}</span>}
        <span class="item-number">
          {said(kind?.label)} {otherUnit(app, row.unit)} {row.number}
        </span>
        {adds && <small>{t("adds_record", { what: adds })}</small>}
        <Chips row={row} />
        {verdictToRead(row.view, row.decision) === "returned" && (
          <span>{gist(row.decision?.reason ?? "")}</span>
        )}
      </RecordLink>
    </div>
  );
}

/** What names a record: its slogan, its script, or else its kind. */
export function titleOf({ kind: name, campaign, view }: RecordRow, catalog: Catalog): string {
  const kind = kindOf(catalog, name);
  const title = value(view.fields, kind?.title ?? "");
  if (title === null) return said(kind?.label);
  const its = byId(catalog.campaigns, campaign);
  return showValue(fieldOf(kind, kind?.title), title, its);
}

/** The unit of what is not of the one that stands above: two units have a BR-1 each. As the desk says it. */
export function otherUnit(
  { catalog, unit, left }: App,
  id: string,
  name: "short_name" | "name" = "short_name",
): string {
  if (id === unit?.id) return "";
  return (byId(catalog.units, id) ?? byId(left, id))?.[name] ?? t("unit_other");
}

export function Chips({ row }: { readonly row: RecordRow }) {
  const { catalog, cursors, left } = useApp();
  const { state, delivery, marks } = row.view;
  const lines = cursors.find((one) => one.unit === row.unit && one.campaign === row.campaign);
  const { level } = byId(catalog.units, row.unit) ?? byId(left, row.unit) ?? {};
  const day = dueDay(byId(catalog.campaigns, row.campaign), level);
  const late = lateMarks(row.last, row.came ?? 0, { ...lines, due: dueMoment(day) });
  const act = kindOf(catalog, row.kind)?.act;
  const practice = catalog.campaigns.some((one) => one.practice && one.id === row.campaign);
  return (
    <span class="chips">
      {practice && <span class="chip warn">{t("practice")}</span>}
      {marks.map((mark) => (
        <span key={mark} class="chip warn">
          {word("marks", mark)}
        </span>
      ))}
      {/* How far it got says that already; an act waits for no review (SPEC F-6). */}
      {state !== "unsent" && !act && <span class={`chip ${state}`}>{word("states", state)}</span>}
      {state !== "draft" &&
        !act &&
        late.map((mark) => (
          <span key={mark} class="chip warn">
            {word("marks", mark)}
          </span>
        ))}
      {delivery && (
        <span class={`chip ${delivery}`}>
          {delivery === "on_phone" && !["unsent", "draft"].includes(state)
            ? t("edit_unsent")
            : delivery === "received"
              ? t("received_left", { what: fileKinds(row.view.left) })
              : word("delivery", delivery)}
        </span>
      )}
    </span>
  );
}
