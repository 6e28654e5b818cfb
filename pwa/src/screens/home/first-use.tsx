// On a phone that has recorded nothing: what to do first, right below the buttons, and once the offer to practise.
import type { ComponentChildren } from "preact";
import { newest } from "../../db/queries";
import { meta } from "../../db/schema";
import { t } from "../../i18n/text";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { go } from "../../ui/router";

export function FirstUse({ children }: { readonly children?: ComponentChildren }) {
  const { db, catalog, campaign, here, unit } = useApp();
  const found = useLive(
    async () => ({
      none: (await newest(db, here, "shown", 1)).length === 0,
      offered: (await meta(db, "practice_offered")) === true,
    }),
    here,
  );
  if (!found) return null;
  if (!(found.none && unit) || campaign?.archived) return <>{children}</>;
  const may = catalog.campaigns.some((one) => one.practice && !one.archived) && !campaign?.practice;
  const done = async () => {
    await db.put("meta", true, "practice_offered");
    changed();
  };
  return (
    <>
      <section class="first-use" aria-label={t("first_use")}>
        <p>{t("nothing_yet")}</p>
        {may && !found.offered && (
          <>
            <p>{t("training_offer")}</p>
            <div class="row">
              <button type="button" onClick={() => void done().then(() => go("training"))}>
                {t("training_try")}
              </button>
              <button type="button" onClick={() => void done()}>
                {t("later")}
              </button>
            </div>
          </>
        )}
      </section>
      {children}
    </>
  );
}
