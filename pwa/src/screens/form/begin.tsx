// How a form begins: by a tap on a kind, over a record that is there, after one that was saved, and for shots whose form is gone.
import { useEffect, useRef } from "preact/hooks";
import { lasting, NOTHING } from "../../core/draft";
import { type Kind, withAnswers } from "../../core/kind";
import { equal } from "../../core/record";
import { byId, kindOf } from "../../db/catalog";
import { type Db, type DraftRow, meta, type RecordRow } from "../../db/schema";
import { beginDraft, beginEdit, beginNew, openLost, suggested } from "../../outbox/drafts";
import { nextOf } from "../../photos/take-many";
import { useApp } from "../../ui/app-context";
import { go, goInstead } from "../../ui/router";

/** How many were saved one after the other by "Lưu & chụp tiếp". */
let series = 0;

export function savedInSeries(): number {
  return series;
}

/** Begins a record of a kind, or for the shots of a form that is gone, and opens its form in this screen's place. */
export function NewScreen({ id }: { readonly id: string }) {
  const { db, catalog, campaign, unit } = useApp();
  // One form for one tap, however often the catalogue is read anew meanwhile.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    series = 0;
    const open = async () => {
      const kind = kindOf(catalog, id);
      if (kind) return unit && campaign && beginNew(db, kind, unit.id, campaign.id);
      const [lost] = await db.getAll("captures", "draft", id);
      return lost && openLost(db, lost);
    };
    // Without room nothing begins, and home has it still.
    void open().then(
      (draft) => goInstead(draft ? `form/${draft}` : ""),
      (error: unknown) => {
        goInstead("");
        throw error;
      },
    );
  }, [db, catalog, campaign, unit, id]);
  return null;
}

/** Opens the form of a record that is there. */
export function openForm(db: Db, row: RecordRow): void {
  void beginEdit(db, row).then((draft) => go(`form/${draft}`));
}

/**
 * Where it goes on after a form that was saved, with what it said that still holds: where photos came together with the
 * next of them, else with a new one. Returns the address of the form; home after the last of those that came together.
 */
export async function beginNext(db: Db, kind: Kind, saved: DraftRow): Promise<string> {
  series += 1;
  const { unit, campaign } = saved;
  const files = byId((await meta(db, "catalog"))?.campaigns, campaign)?.files;
  const said = withAnswers(kind, lasting(kind, saved.now), files);
  if (!saved.batch) {
    const now = { ...(await suggested(db, kind, campaign)), ...said };
    const id = await beginDraft(db, { kind: kind.kind, unit, campaign, drawn: NOTHING, now });
    return `form/${id}`;
  }
  const next = await nextOf(db, saved);
  if (!next) return "";
  // What was entered into that one stays, what it had from the beginning gives way.
  const own = Object.entries(next.now).filter(([name, value]) => !equal(value, next.batch?.[name]));
  await db.put("drafts", { ...next, now: { ...said, ...Object.fromEntries(own) }, batch: said });
  return `form/${next.id}`;
}
