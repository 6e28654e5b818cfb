// Photos that came together wait at a form of a new record: each becomes a record with what the form says, or all are
// of this one.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Kind } from "../../core/kind";
import type { DraftRow } from "../../db/schema";
import { said, t } from "../../i18n/text";
import { discardDraft } from "../../outbox/drafts";
import type { Source } from "../../photos/inbox";
import { nextOf, takeMany } from "../../photos/take-many";
import { fileOf, takeInAlone, takeOut, trayPhotos } from "../../photos/tray";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { goInstead } from "../../ui/router";
import { TwoTap } from "../../ui/two-tap";
import { added, adding } from "./adding";
import { unreadText } from "./remarks";
import { ending } from "./use-draft";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  readonly room: number;
  /** It holds nothing that is of one record only, so that each photo may be one: no photo, no PDF, no record it stands for. */
  readonly fresh: boolean;
  readonly ended: RefObject<boolean>;
  /** Takes the photo of a file of the tray into this form. */
  readonly add: (picture: Blob, source: Source, file: Request) => Promise<void>;
}

export function Waiting({ draft, kind, room, fresh, ended, add }: Props) {
  const { db } = useApp();
  const waiting = useLive(() => trayPhotos(db)) ?? [];
  const left = waiting.length;
  const [going, setGoing] = useState(false);
  // A form that was left takes nothing more: what is left waits for the next one.
  const here = () => location.hash.includes(draft.id);

  const each = async () => {
    const [made, unread] = await takeMany(db, kind, draft);
    const first = made > 0 && (await nextOf(db, draft));
    if (first) {
      // They stand for the form, unless something came into it meanwhile, or is on its way.
      await added(draft.id);
      await ending(ended, async () => {
        if (JSON.stringify(await db.get("drafts", draft.id)) === JSON.stringify(draft))
          await discardDraft(db, draft);
        else ended.current = false;
      });
      if (here()) goInstead(`form/${first.id}`);
    }
    if (unread[0]) notify(`${t("inbox_unread", { n: unread.length })} ${unreadText(kind, unread[0])}`);
  };
  const together = async () => {
    for (const key of (await trayPhotos(db)).slice(0, room)) {
      if (!here()) return;
      const file = await fileOf(key);
      if (file) await add(...file, key);
      changed();
    }
  };
  const take = (way: () => Promise<void>) => {
    setGoing(true);
    void takeInAlone(way)
      .then((ran) => ran || notify(t("inbox_busy")))
      .finally(() => setGoing(false));
  };
  const leave = async () => {
    const ran = await takeInAlone(async () => {
      for (const key of await trayPhotos(db)) await takeOut(db, key);
    });
    if (!ran) notify(t("inbox_busy"));
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
      <p>{t(fresh || room > 0 ? "inbox_question" : "inbox", { n: left })}</p>
      <Thumbs keys={waiting} />
      {fresh && (
        <button type="button" class="primary" onClick={() => take(each)}>
          {t("inbox_each", { kind: said(kind.label) })}
        </button>
      )}
      {room > 0 && (
        <button
          type="button"
          class={fresh ? "" : "primary"}
          onClick={() => take(() => adding(draft.id, together()))}
        >
          {t("inbox_together", { n: room })}
        </button>
      )}
      <TwoTap label={t("inbox_leave")} question={t("inbox_leave_question")} act={leave} />
    </div>
  );
}

/** So many are shown: each is decoded whole by the browser, and an old phone has little memory. */
const SHOWN = 4;

/** The first of those that wait, so that it is seen which they are. */
export function Thumbs({ keys }: { readonly keys: readonly Request[] }) {
  const [made, setMade] = useState<readonly string[]>([]);
  const some = keys.slice(0, SHOWN);
  const key = some.map(({ url }) => url).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the addresses stand for the files.
  useEffect(() => {
    let [gone, urls] = [false, [] as string[]];
    void Promise.all(some.map(fileOf)).then((files) => {
      if (gone) return;
      urls = files.flatMap((file) => (file ? URL.createObjectURL(file[0]) : []));
      setMade(urls);
    });
    return () => {
      gone = true;
      for (const url of urls) URL.revokeObjectURL(url);
    };
  }, [key]);
  return (
    <div class="thumbs">
      {made.map((url) => (
        <img key={url} src={url} alt="" width={56} height={56} loading="lazy" decoding="async" />
      ))}
      {keys.length > made.length && made.length > 0 && <b>+{keys.length - made.length}</b>}
    </div>
  );
}
