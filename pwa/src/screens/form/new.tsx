// Begins a record of a kind and opens its form in this screen's place.
import { useEffect, useRef } from "preact/hooks";
import { kindOf } from "../../db/catalog";
import { beginNew } from "../../outbox/drafts";
import { useApp } from "../../ui/app-context";
import { goInstead } from "../../ui/router";

export function NewScreen({ id }: { readonly id: string }) {
  const { db, catalog, campaign, unit } = useApp();
  // One form for one tap, however often the catalogue is read anew meanwhile.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const kind = kindOf(catalog, id);
    if (!(kind && unit && campaign)) return goInstead("");
    void beginNew(db, kind, unit.id, campaign.id).then((draft) => goInstead(`form/${draft}`));
  }, [db, catalog, campaign, unit, id]);
  return null;
}
