// Photos that came together wait at a form of a new record: each becomes a record with what the form says, or all are
// of this one.
import { useState } from "#view/hooks";
import { changed } from "../../device/bus";
import type { DraftRow } from "../../device/db";
import { discardDraft } from "../../device/drafts";
import { fileOf, laid, takeOut } from "../../device/inbox";
import type { Source } from "../../device/source";
import { nextOf, takeMany } from "../../device/take-many";
import { said, t } from "../../i18n/text";
import type { Kind } from "../../sync/kind";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { goInstead } from "../../ui/router";
import { TwoTap } from "../../ui/two-tap";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly room: number;
  readonly add: (picture: Blob, source: Source, at: number) => Promise<void>;
}

export function Waiting({ draft, kind, room, add }: Props) {
  const { db } = useApp();
  const left = useLive(async () => (await laid()).length) ?? 0;
  const [going, setGoing] = useState(false);
  // A form that was left takes nothing more: what is left waits for the next one.
  const here = () => location.hash.includes(draft.id);

  const each = async () => {
    const unread = await takeMany(db, kind, draft);
    const first = await nextOf(db, draft);
    if (first) await discardDraft(db, draft);
    if (first && here()) goInstead(`form/${first.id}`);
    if (unread[0]) notify(`${t("inbox_unread", { n: unread.length })} ${t(unread[0])}`);
  };
  const together = async () => {
    for (const key of (await laid()).slice(0, room)) {
      if (!here()) return;
      await add(...(await fileOf(key)));
      await takeOut(key);
      changed();
    }
  };
  const take = (way: () => Promise<void>) => {
    setGoing(true);
    void way().finally(() => setGoing(false));
  };
  const leave = async () => {
    for (const key of await laid()) await takeOut(key);
    changed();
  };

  if (left === 0) return null;
  if (going)
    return (
      <p role="status" aria-busy="true">
        {t("inbox_going", { n: left })}
      </p>
    );
  return (
    <div class="alert">
      <p>{t("inbox_question", { n: left })}</p>
      <button type="button" onClick={() => take(each)}>
        {t("inbox_each", { kind: said(kind.label) })}
      </button>
      {room > 0 && (
        <button type="button" onClick={() => take(together)}>
          {t("inbox_together", { n: room })}
        </button>
      )}
      <TwoTap label={t("inbox_leave")} question={t("inbox_leave_question")} act={() => void leave()} />
    </div>
  );
}
