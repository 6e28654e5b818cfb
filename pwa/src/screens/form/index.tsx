// Opens a form: the unfinished one under this address. One that was saved or let go is not there any more. The phone
// knows which one is open, so that an app that was killed behind a camera or a chooser goes on there.
import { useEffect, useState } from "preact/hooks";
import { kindOf } from "../../db/catalog";
import { isFull } from "../../db/open";
import { formLock } from "../../db/prune";
import { type DraftRow, meta } from "../../db/schema";
import { sentence, t } from "../../i18n/text";
import { draftOf } from "../../outbox/save";
import { claimInbox, trayPhotos } from "../../photos/tray";
import { useApp } from "../../ui/app-context";
import { notify } from "../../ui/notice";
import { goInstead } from "../../ui/router";
import { added } from "./adding";
import { Form } from "./form";

/** A page that was closed or left a moment ago may still hold the draft. */
const ENDING_MS = 2_000;

export function FormScreen({ id }: { readonly id: string }) {
  const { db, catalog } = useApp();
  const [draft, setDraft] = useState<DraftRow>();
  const [[resumed, waiting], setState] = useState([false, false]);
  useEffect(() => {
    let [here, mine] = [true, false];
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const hold = async () => {
      mine = true;
      // Before the draft is read: what is made small in between stands in it, and no camera opens over it.
      const lying = await db.count("captures", "draft", id);
      const found = await draftOf(db, id);
      const again = (await meta(db, "form")) === id;
      // On a full phone what was handed over cannot become its officer's: that keeps no form shut.
      await claimInbox(db).catch(() => undefined);
      const more = (await trayPhotos(db).catch(() => [])).length > 0;
      if (!here) return;
      if (!found) return goInstead("");
      setState([again, again || more || lying > 0]);
      setDraft(found);
      // On a full phone nobody remembers it.
      await db.put("meta", id, "form").catch((error: unknown) => {
        if (!isFull(error)) throw error;
      });
      await left;
      await db.delete("meta", "form");
      await added(id);
    };
    // One page at a time has it: two would write over each other's changes.
    const open = async () => {
      await added(id);
      const wait = new AbortController();
      setTimeout(() => wait.abort(), ENDING_MS);
      await navigator.locks.request(formLock(id), { signal: wait.signal }, hold);
    };
    open().catch((error) => {
      if (mine) throw error;
      if (!here) return;
      goInstead("");
      notify(t("form_elsewhere"));
    });
    return () => {
      here = false;
      leave();
    };
  }, [db, id]);
  const kind = kindOf(catalog, draft?.kind);
  if (!draft || draft.id !== id) return null;
  return kind ? (
    <Form key={id} draft={draft} kind={kind} resumed={resumed} waiting={waiting} />
  ) : (
    <p role="alert">{sentence("unknown_kind")}</p>
  );
}
