// Begins a record of a kind and opens its form in this screen's place.
import { useEffect, useRef } from "#view/hooks";
import { beginNew } from "../../device/drafts";
import { useApp } from "../../ui/app-context";
import { notifyFailure } from "../../ui/notice";
import { goInstead } from "../../ui/router";

export function NewScreen({ id }: { readonly id: string }) {
  const { db, catalog, campaign } = useApp();
  // One form for one tap, however often the catalogue is read anew meanwhile.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const kind = catalog.kinds.find((one) => one.kind === id);
    const unit = catalog.units[0];
    if (!(kind && unit && campaign)) return goInstead("");
    beginNew(db, kind, unit.id, campaign.id)
      .then((draft) => goInstead(`form/${draft}`))
      .catch(notifyFailure);
  }, [db, catalog, campaign, id]);
  return null;
}
