// Opens a form: the unfinished one under this address. One that was saved or let go is not there any more.
import { useEffect, useState } from "#view/hooks";
import type { DraftRow } from "../../device/db";
import { sentence } from "../../i18n/text";
import { kindOf, useApp } from "../../ui/app-context";
import { goInstead } from "../../ui/router";
import { Form } from "./form";

export function FormScreen({ id }: { readonly id: string }) {
  const { db, catalog } = useApp();
  const [draft, setDraft] = useState<DraftRow>();
  useEffect(() => {
    const load = async () => {
      const found = await db.get("drafts", id);
      if (found) setDraft(found);
      else goInstead("");
    };
    void load();
  }, [db, id]);
  const kind = kindOf(catalog, draft?.kind);
  if (!draft || draft.id !== id) return null;
  return kind ? <Form key={id} draft={draft} kind={kind} /> : <p role="alert">{sentence("unknown_kind")}</p>;
}
