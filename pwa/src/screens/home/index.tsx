// Home: the campaign with its days left and what is unsent in one strip, then one button a kind, always in the same place:
// nothing that comes in stands above them and moves them. What is below is read a moment later (lists.tsx).
import { useEffect, useState } from "preact/hooks";
import { said, t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { go } from "../../ui/router";
import { Alerts } from "../alerts";
import { Install } from "../alerts/install";
import { CampaignHead } from "./campaign";
import { Drafts } from "./drafts";
import { HomeLists } from "./lists";
import { Notes } from "./notes";
import { StatusLine } from "./status-line";
import { LongUnsent } from "./unsent";

/** Red are so many, the most used: an eye finds two, not seven. */
const RED = 2;

export function Home() {
  const { catalog, campaign, unit, made } = useApp();
  const below = useBelow();
  if (!campaign) {
    return (
      <>
        <StatusLine />
        <p class="empty">{t(catalog.units.length > 0 ? "no_campaign" : "no_unit")}</p>
        <Alerts />
        <Drafts />
      </>
    );
  }
  const used = ({ kind }: { readonly kind: string }) => made[kind] ?? 0;
  const kinds = catalog.kinds
    .filter((kind) => campaign.kinds.includes(kind.kind) && !kind.act)
    .sort((a, b) => a.order - b.order);
  const red = [...kinds].sort((a, b) => used(b) - used(a)).slice(0, RED);
  return (
    <>
      <CampaignHead />
      {unit && !campaign.archived && (
        <nav class="kinds" aria-label={t("record_new")}>
          {kinds.map((kind) => (
            <button
              type="button"
              class={red.includes(kind) ? "primary" : ""}
              key={kind.kind}
              onClick={() => go(`new/${kind.kind}`)}
            >
              <Icon name={kind.icon} />
              <span>{said(kind.label)}</span>
            </button>
          ))}
        </nav>
      )}
      {campaign.practice && (
        <a class="button" href="#/training">
          {t("training")}
        </a>
      )}
      {below && <Below />}
    </>
  );
}

let drawn = false;

/** The app begins with the buttons; all that is below them is read once they can be seen, and pressed. */
function useBelow(): boolean {
  const [below, setBelow] = useState(drawn);
  useEffect(() => {
    drawn = true;
    if (!below) requestAnimationFrame(() => setTimeout(setBelow, 0, true));
  }, [below]);
  return below;
}

function Below() {
  return (
    <>
      <Notes />
      <LongUnsent />
      <Alerts />
      <Install />
      <HomeLists />
    </>
  );
}
