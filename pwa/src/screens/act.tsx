// An act of one tap on a record: stored on this phone, on its way, and said, with the way back: another write that says what
// was said before. Of two who differed nobody can say both again, so there the other one's content is offered.

import type { Written } from "../core/draft";
import { dayToCome } from "../core/figures";
import type { Kind } from "../core/kind";
import { equal, type Fields, sides, type Values, value } from "../core/record";
import { restore, settle } from "../core/settle";
import { addingOf } from "../core/sums";
import { kindOf } from "../db/catalog";
import type { Db, RecordRow } from "../db/schema";
import { exchangeNow } from "../exchange/triggers";
import { type Key, sentence, t } from "../i18n/text";
import { saveAct } from "../outbox/save";
import { today } from "../platform/clock";
import { useApp } from "../ui/app-context";
import { notify, type Offer } from "../ui/notice";
import { showChange } from "../ui/show";

export function act(db: Db, row: RecordRow, written: Written, done: string, kind?: Kind): void {
  if (isEarly(kind, written.set)) return;
  void saveAct(db, row, written)
    .then(exchangeNow)
    .then(() => tell(db, row, done, wayBack(db, row, written, kind), kind));
}

/** Says what was done, and what the figures gain or lose by it where that is not 0 (SPEC F-31). */
async function tell(db: Db, before: RecordRow, done: string, offer?: Offer, kind?: Kind): Promise<void> {
  const now = await db.get("records", before.record);
  const change = now && kind && showChange(kind, addingOf(before) ?? {}, addingOf(now) ?? {});
  notify(change ? `${done} ${t("adds_record", { what: change })}.` : done, offer);
}

/** F-22: says so where a day that has not come would be confirmed, as after the clock was set back. */
export function isEarly(kind: Kind | undefined, set: Values = {}): boolean {
  const early = dayToCome(kind, set, today()) !== null;
  if (early) notify(sentence("day_to_come"));
  return early;
}

/** Undo, of what was there when the button was drawn; none where that cannot be said by a write. */
function wayBack(db: Db, row: RecordRow, { set }: Written, kind?: Kind): Offer | undefined {
  const again = (writes: (now: Fields) => Written, done: Key) => async () => {
    const now = await db.get("records", row.record);
    if (now)
      void saveAct(db, now, writes(now.view.fields))
        .then(exchangeNow)
        .then(() => tell(db, now, t(done), undefined, kind));
  };
  if ("deleted" in set)
    return set["deleted"] ? { label: t("undo"), act: again(restore, "restored") } : undefined;
  const before = row.view.fields;
  const other = otherSide(before, set);
  if (other) return { label: t("take_other"), act: again((now) => settle(now, other), "settled") };
  const values = Object.fromEntries(Object.keys(set).map((field) => [field, value(before, field)]));
  return { label: t("undo"), act: again((now) => settle(now, values), "undone") };
}

/** Of a conflict of two that was settled: the side that was not taken. */
export function otherSide(before: Fields, set: Values): Values | undefined {
  const [[field = "", taken] = [], ...others] = Object.entries(set);
  if (others.length > 0) return undefined;
  const held = sides(before, field);
  const rest = held.filter((one) => !equal(one, taken ?? null));
  return held.length === 2 && rest.length === 1 ? { [field]: rest[0] ?? null } : undefined;
}

/** One tap: what was put up is down, today. Another day is a matter of editing. */
export function TakenDown({ row }: { readonly row: RecordRow }) {
  const { db, catalog } = useApp();
  const { fields } = row.view;
  const life = kindOf(catalog, row.kind)?.life;
  if (!(life && value(fields, life.from)) || fields[life.to]?.some((side) => side.value)) return null;
  const down = () => act(db, row, settle(fields, { [life.to]: today() }), t("taken_down_said"));
  return (
    <button type="button" onClick={down}>
      {t("taken_down")}
    </button>
  );
}
