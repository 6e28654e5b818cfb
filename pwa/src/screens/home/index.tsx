// Home: the campaign and its days left, what was sent, what was returned, one button a kind, most used first: all in
// sight. What is below them is read a moment later (lists.tsx).
import { said, t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { go } from "../../ui/router";
import { Install } from "../alerts/install";
import { CampaignHead } from "./campaign";
import { Drafts } from "./drafts";
import { HomeLists } from "./lists";
import { Notes } from "./notes";
import { StatusLine } from "./status-line";

export function Home() {
  const { catalog, campaign, unit, made } = useApp();
  if (!campaign) {
    return (
      <>
        <StatusLine />
        <p class="empty">{t(catalog.units.length > 0 ? "no_campaign" : "no_unit")}</p>
        <Drafts />
      </>
    );
  }
  const used = ({ kind }: { readonly kind: string }) => made[kind] ?? 0;
  const kinds = catalog.kinds.filter((kind) => campaign.kinds.includes(kind.kind) && !kind.act);
  return (
    <>
      <CampaignHead />
      <StatusLine />
      <Notes />
      {unit && !campaign.archived && (
        <nav class="kinds" aria-label={t("record_new")}>
          {kinds
            .sort((a, b) => used(b) - used(a) || a.order - b.order)
            .map((kind) => (
              <button type="button" class="primary" key={kind.kind} onClick={() => go(`new/${kind.kind}`)}>
                {said(kind.label)}
              </button>
            ))}
        </nav>
      )}
      <Install />
      <HomeLists />
    </>
  );
}
