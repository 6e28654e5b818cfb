// Home: the campaign with its days left and what is unsent in one strip, then the two kinds that are used most, with the others
// behind a button: nothing that comes in stands above them and moves them. What is below is read a moment later (lists.tsx).
import { type ComponentChildren, type ComponentType, Fragment } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Kind } from "../../core/kind";
import { said, t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { go } from "../../ui/router";
import { Alerts } from "../alerts";
import { Install } from "../alerts/install";
import { CampaignHead } from "./campaign";
import { HomeLists } from "./lists";
import { Notes } from "./notes";
import { StatusLine } from "./status-line";
import { Tasks } from "./tasks";
import { LongUnsent } from "./unsent";

/** So many stand there large, the most used, in the order of the kinds. */
const LARGE = 2;

/** Open, it stays so until the app is closed: who needs the others today needs them again. */
let wide = false;

export function Home() {
  const { catalog, campaign, unit, made } = useApp();
  const below = useBelow();
  if (!campaign) {
    return (
      <>
        <StatusLine />
        <p class="empty">{t(catalog.units.length > 0 ? "no_campaign" : "no_unit")}</p>
        <Alerts />
        <Tasks />
      </>
    );
  }
  const used = ({ kind }: { readonly kind: string }) => made[kind] ?? 0;
  const kinds = catalog.kinds
    .filter((kind) => campaign.kinds.includes(kind.kind) && !kind.act)
    .sort((a, b) => a.order - b.order);
  const large = [...kinds].sort((a, b) => used(b) - used(a)).slice(0, LARGE);
  return (
    <>
      <CampaignHead />
      {unit && !campaign.archived && (
        <Kinds
          large={kinds.filter((kind) => large.includes(kind))}
          others={kinds.filter((kind) => !large.includes(kind))}
        />
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

interface KindsProps {
  readonly large: readonly Kind[];
  readonly others: readonly Kind[];
}

function Kinds({ large, others }: KindsProps) {
  const [open, setOpen] = useState(wide);
  const turn = () => {
    wide = !open;
    setOpen(wide);
  };
  const button = (look: string) => (kind: Kind) => (
    <button type="button" class={look} key={kind.kind} onClick={() => go(`new/${kind.kind}`)}>
      <Icon name={kind.icon} />
      <span>{said(kind.label)}</span>
    </button>
  );
  return (
    <nav aria-label={t("record_new")}>
      <div class="kinds used-most">
        {large.map(button("primary"))}
        {others.length > 0 && (
          <button type="button" aria-expanded={open} onClick={turn}>
            {t("kinds_other")}
          </button>
        )}
      </div>
      {open && <div class="kinds">{others.map(button(""))}</div>}
    </nav>
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

/** Drawn by a part of the app of its own, which most phones never need again. What is below waits for it, and moves no more. */
function FirstUse({ children }: { readonly children: ComponentChildren }) {
  const [Found, setFound] = useState<ComponentType>();
  useEffect(() => {
    const drawn = (part: ComponentType) => setFound(() => part);
    import("./first-use").then((part) => drawn(part.FirstUse)).catch(() => drawn(Fragment));
  }, []);
  return Found ? <Found>{children}</Found> : null;
}

function Below() {
  const First = Object.keys(useApp().made).length === 0 ? FirstUse : Fragment;
  return (
    <First>
      <Notes />
      <LongUnsent />
      <Alerts />
      <Install />
      <HomeLists />
    </First>
  );
}
