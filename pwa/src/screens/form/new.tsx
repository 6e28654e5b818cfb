// Begins a record of a kind and opens its form in this screen's place.
import { useEffect } from "preact/hooks";
import { beginNew } from "../../device/drafts";
import { useApp } from "../../ui/app-context";
import { notifyFailure } from "../../ui/notice";
import { goInstead } from "../../ui/router";

export function NewScreen({ id }: { readonly id: string }) {
  const { db, catalog, campaign } = useApp();
  useEffect(() => {
    const kind = catalog.kinds.find((one) => one.kind === id);
    const unit = catalog.units[0];
    if (!(kind && unit && campaign)) return goInstead("");
    beginNew(db, kind, unit.id, campaign.id)
      .then((draft) => goInstead(`form/${draft}`))
      .catch(notifyFailure);
  }, [db, catalog, campaign, id]);
  return null;
}
