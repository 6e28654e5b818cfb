// A form read off the kind's file. Saving writes what was changed, having seen what was drawn (SPEC W-5, W-6).
import { useState } from "#view/hooks";
import { saveDraft } from "../../device/commit";
import type { DraftRow } from "../../device/db";
import { discardDraft } from "../../device/drafts";
import type { Place } from "../../device/place";
import { now as exchangeNow } from "../../device/triggers";
import { said, t } from "../../i18n/text";
import { written } from "../../sync/draft";
import type { Kind } from "../../sync/kind";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { photosIn } from "../../ui/picture";
import { goInstead } from "../../ui/router";
import { fieldLabels } from "../../ui/show";
import { TwoTap } from "../../ui/two-tap";
import { later } from "../later";
import { Decided } from "../record/decided";
import { Fields } from "./fields";
import { Photos } from "./photos";
import { lackingIn, refusals, tidy } from "./remarks";
import { SaveBar } from "./save-bar";
import { useDraft } from "./use-draft";

interface Props {
  readonly draft: DraftRow;
  readonly kind: Kind;
  /** The app was killed while it was open. */
  readonly resumed: boolean;
  /** So was the camera; or photos that came together wait: it does not open by itself. */
  readonly waiting: boolean;
}

export function Form({ draft: initial, kind, resumed, waiting }: Props) {
  const app = useApp();
  const { db } = app;
  const [draft, set] = useDraft(initial);
  const [asked, setAsked] = useState(resumed);
  const [seeking, setSeeking] = useState(false);
  const origin = draft.replaces ?? draft.record;
  const row = useLive(() => db.get("records", origin));
  const own = useLive(() => db.getAll("writes", "record", origin)) ?? [];
  const refused = own.filter((write) => write.state === "refused");
  const returned = row?.view.state === "returned" ? row.decision : null;
  const empty = lackingIn(kind, draft.now);
  const lacking = empty.map((field) => said(field.label));
  if (kind.photos.required && photosIn(draft.now).length === 0) lacking.unshift(t("photo"));
  const byCamera = draft.record === draft.id && kind.photos.required;

  const onPlace = (place: Place | null) => {
    const name = kind.fields.find((field) => field.type === "place")?.name;
    if (!name || draft.now[name]) return;
    if (place) set(name, place);
    else setSeeking(true);
  };
  const save = async (next?: boolean) => {
    setAsked(true);
    if (lacking.length > 0) return;
    const carried = refused.filter((write) => draft.corrects.includes(write.id));
    const fields = carried.flatMap((write) => Object.keys(write.wire.set));
    const write = written(draft.drawn, tidy(draft.now), fields);
    if (write) await saveDraft(db, draft, write);
    else await discardDraft(db, draft);
    exchangeNow();
    goInstead(next ? await (await later()).next(db, kind, draft) : "");
    const act = () => void later().then(({ handOn }) => handOn(app, draft.record));
    const offer = { label: t("share"), act };
    notify(t(write ? "saved" : "unchanged"), photosIn(draft.now)[0] && offer);
  };
  const leave = async () => {
    await discardDraft(db, draft);
    goInstead("");
  };

  const marked = [
    ...(returned?.fields ?? []),
    ...refused.flatMap((write) => write.field ?? []),
    ...(asked ? empty.map((field) => field.name) : []),
  ];
  const photos = (
    <Photos
      draft={draft}
      kind={kind}
      set={set}
      cameraFirst={byCamera && !waiting}
      onPlace={onPlace}
      marked={marked.some((name) => name.startsWith("photos"))}
    />
  );
  return (
    <form
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <h1>{said(kind.label)}</h1>
      {resumed && <p class="alert">{t("resumed")}</p>}
      {returned && <Decided state="returned" {...returned} marked={fieldLabels(kind, returned.fields)} />}
      {refusals(refused).map((text) => (
        <p key={text} class="alert" role="alert">
          {text}
        </p>
      ))}
      {kind.photos.required && photos}
      <Fields draft={draft} kind={kind} row={row} marked={marked} seeking={seeking} set={set} />
      {!kind.photos.required && photos}
      <SaveBar
        draft={draft}
        kind={kind}
        missing={asked ? lacking : []}
        returned={returned !== null}
        onNext={byCamera ? () => void save(true) : null}
      />
      <TwoTap label={t("draft_discard")} question={t("draft_discard_question")} act={() => void leave()} />
    </form>
  );
}
