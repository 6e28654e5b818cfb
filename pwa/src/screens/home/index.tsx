// Home: the campaign and its days left, what was sent, one button a kind: all in sight. Below them what needs the
// officer, what was done today, what before.
import { useState } from "#view/hooks";
import { today } from "../../device/clock";
import { needing, newest, PAGE } from "../../device/lists";
import { said, t, word } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { Item } from "../../ui/item";
import { useLive } from "../../ui/live";
import { go } from "../../ui/router";
import { Section } from "../../ui/section";
import { CampaignHead } from "./campaign";
import { Drafts } from "./drafts";
import { StatusLine } from "./status-line";

export function Home() {
  const { db, catalog, campaign } = useApp();
  const [most, setMost] = useState(PAGE);
  const here = campaign?.id ?? "";
  const lists = useLive(
    async () => ({
      shown: await newest(db, here, "shown", most + 1),
      returned: await needing(db, here, "returned"),
      conflict: await needing(db, here, "conflict"),
      deleted: await newest(db, here, "deleted", 1),
    }),
    `${here} ${most}`,
  );
  const kinds = catalog.kinds.filter((kind) => campaign?.kinds.includes(kind.kind));
  if (!campaign) return <p class="empty">{t("no_campaign")}</p>;
  // What needs the officer stands above the others, once.
  const page = lists?.shown.slice(0, most).filter((row) => !row.attention) ?? [];
  const isToday = (day: string) => day === today();
  return (
    <>
      <CampaignHead />
      <StatusLine />
      <nav class="kinds" aria-label={t("record_new")}>
        {kinds
          .sort((a, b) => a.order - b.order)
          .map((kind) => (
            <button type="button" class="primary" key={kind.kind} onClick={() => go(`new/${kind.kind}`)}>
              {said(kind.label)}
            </button>
          ))}
      </nav>
      <List title={word("states", "returned")} rows={lists?.returned ?? []} />
      <Drafts />
      <List title={word("marks", "conflict")} rows={lists?.conflict ?? []} />
      <List title={t("today")} rows={page.filter((row) => isToday(row.day))} />
      <List title={t("earlier")} rows={page.filter((row) => !isToday(row.day))} />
      {lists && lists.shown.length === 0 && <p class="empty">{t("nothing_yet")}</p>}
      {lists && <More found={lists.shown.length} most={most} set={setMost} />}
      {lists && lists.deleted.length > 0 && (
        <a class="tap" href="#/deleted">
          {t("deleted_list")}
        </a>
      )}
    </>
  );
}

interface MoreProps {
  readonly found: number;
  readonly most: number;
  readonly set: (most: number) => void;
}

/** One row more than is shown was asked for, to know whether there is more. */
export function More({ found, most, set }: MoreProps) {
  if (found <= most) return null;
  return (
    <button type="button" onClick={() => set(most + PAGE)}>
      {t("show_more")}
    </button>
  );
}

export function List({
  title,
  rows,
}: {
  readonly title: string;
  readonly rows: Parameters<typeof Item>[0]["row"][];
}) {
  if (rows.length === 0) return null;
  return (
    <Section title={title}>
      <ul class="items">
        {rows.map((row) => (
          <li key={row.record}>
            <Item row={row} />
          </li>
        ))}
      </ul>
    </Section>
  );
}
