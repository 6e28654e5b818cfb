// Opens a form: the unfinished one under this address. One that was saved or let go is not there any more. The phone
// knows which one is open, so that an app that was killed behind a camera or a chooser goes on there.
import { useEffect, useState } from "#view/hooks";
import { type DraftRow, meta } from "../../device/db";
import { laid } from "../../device/inbox";
import { sentence } from "../../i18n/text";
import { kindOf, useApp } from "../../ui/app-context";
import { goInstead } from "../../ui/router";
import { Form } from "./form";

export function FormScreen({ id }: { readonly id: string }) {
  const { db, catalog } = useApp();
  const [draft, setDraft] = useState<DraftRow>();
  const [[resumed, waiting], setState] = useState([false, false]);
  useEffect(() => {
    const load = async () => {
      const found = await db.get("drafts", id);
      if (!found) return goInstead("");
      const again = (await meta(db, "form")) === id;
      setState([again, again || (await laid()).length > 0]);
      setDraft(found);
      await db.put("meta", id, "form");
    };
    void load();
    return () => void db.delete("meta", "form");
  }, [db, id]);
  const kind = kindOf(catalog, draft?.kind);
  if (!draft || draft.id !== id) return null;
  return kind ? (
    <Form key={id} draft={draft} kind={kind} resumed={resumed} waiting={waiting} />
  ) : (
    <p role="alert">{sentence("unknown_kind")}</p>
  );
}
