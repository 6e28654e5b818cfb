// A form read off the kind's file. Saving writes what was changed, having seen what was drawn (SPEC W-5, W-6).
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { written } from "../../core/draft";
import { toSay } from "../../core/figures";
import type { Kind } from "../../core/kind";
import type { Values } from "../../core/record";
import { type Decision, verdictToRead } from "../../core/view";
import { Unsaved } from "../../db/open";
import type { DraftRow, RecordRow } from "../../db/schema";
import { exchangeNow } from "../../exchange/triggers";
import { amid, said, t } from "../../i18n/text";
import { discardDraft } from "../../outbox/drafts";
import { asPractised } from "../../outbox/practice";
import { saveForm } from "../../outbox/save";
import { unkeptOf } from "../../photos/unkept";
import { today } from "../../platform/clock";
import type { Place } from "../../platform/place";
import { useApp } from "../../ui/app-context";
import { otherUnit } from "../../ui/item";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { photosIn } from "../../ui/picture";
import { goInstead } from "../../ui/router";
import { fieldLabels, showContribution } from "../../ui/show";
import { TwoTap } from "../../ui/two-tap";
import { isEarly } from "../act";
import { Decided } from "../record/decided";
import { share } from "../share";
import { added } from "./adding";
import { useAskKept } from "./ask-kept";
import { beginNext } from "./begin";
import { FieldList } from "./fields";
import { FormHead } from "./head";
import { Photos } from "./photos";
import { lackingIn, refusals, tidy, unreadFields } from "./remarks";
import { SaveBar } from "./save-bar";
import { ending, useDraft } from "./use-draft";

/** "Enter" on a phone's keyboard is "go on", not "that is all": it saves nothing. */
function goOn(event: KeyboardEvent & { readonly currentTarget: HTMLFormElement }): void {
  const inputs = [...event.currentTarget.querySelectorAll<HTMLElement>("input:not([type=file]), textarea")];
  const at = inputs.indexOf(event.target as HTMLElement);
  if (event.key !== "Enter" || at < 0 || event.target instanceof HTMLTextAreaElement) return;
  event.preventDefault();
  inputs[at + 1]?.focus();
}

/** Brings the first thing that is missing into sight, with the focus on it. */
function firstLacking(form: HTMLFormElement | null): void {
  const place = form?.querySelector("[data-lacking]");
  const inputs = [
    ...(place?.querySelectorAll<HTMLInputElement>("input:not([type=file]), textarea, button") ?? []),
  ];
  // Of several, as a schedule has, the one that is empty.
  const input = inputs.find((one) => one.matches("input, textarea") && !one.value) ?? inputs[0];
  place?.scrollIntoView({ block: "start" });
  input?.focus({ preventScroll: true });
}

/** The decision that asks the officer for more, if it is the one in force. */
function returnOf(row: RecordRow | undefined): Decision | null {
  return row && verdictToRead(row.view, row.decision) === "returned" ? row.decision : null;
}

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
  const { draft, set, setAll, keepPhoto, keepFile, refresh, touch, latest, ended } = useDraft(initial);
  const [asked, setAsked] = useState(resumed);
  /** How often it could not be saved. */
  const [tries, setTries] = useState(0);
  const page = useRef<HTMLFormElement>(null);
  const { asks, sheet } = useAskKept(kind, page);
  const [seeking, setSeeking] = useState(false);
  const [saving, setSaving] = useState(false);
  /** How many photos are on their way into it. */
  const [busy, setBusy] = useState(0);
  const origin = draft.replaces ?? draft.record;
  const row = useLive(async () => asPractised(db, await db.get("records", origin)));
  const own = useLive(() => db.getAll("writes", "record", origin)) ?? [];
  const refused = own.filter((write) => write.state === "refused");
  const returned = returnOf(row);
  // It was begun before the officer moved, or is of a unit that was merged: it goes there, whatever stands above it.
  const elsewhere = otherUnit(app, draft.unit, "name");
  const lacks = (now: Values, coming: number) => {
    const names = lackingIn(kind, now).map((field) => said(field.label));
    if (kind.photos.required && photosIn(now).length + coming === 0) names.unshift(t("photo"));
    return names;
  };
  const lacking = lacks(draft.now, busy);
  const incomplete = (now: Values, coming: number) =>
    lacks(now, coming).length > 0 || unreadFields(kind, now).length > 0;
  const isNew = draft.record === draft.id && !draft.replaces;
  const byCamera = draft.record === draft.id && kind.photos.required;

  const onPlace = (place: Place | null) => {
    const name = kind.fields.find((field) => field.type === "place")?.name;
    if (!name || draft.now[name]) return;
    if (place) set(name, place);
    else setSeeking(true);
  };
  // At once: a keyboard opens only for what is focused within the tap.
  useLayoutEffect(() => {
    if (tries > 0) firstLacking(page.current);
  }, [tries]);
  /** `kept`: the officer was asked, and it stays as it is. */
  const save = async (next?: boolean, kept?: Values) => {
    setAsked(true);
    if (incomplete(draft.now, busy)) return setTries(tries + 1);
    setSaving(true);
    const whole = await ready(next, kept)
      .catch((error: unknown) => {
        throw error instanceof Unsaved ? error : new Unsaved("nothing was saved", { cause: error });
      })
      .finally(() => setSaving(false));
    if (whole && !ended.current) await finish(whole, next);
  };
  /** What would be saved; null where something of it is still to come, or is asked for first. */
  const ready = async (next?: boolean, kept?: Values): Promise<DraftRow | null> => {
    // That one which was waited for did not come in is said by now, and is to be seen before the form is gone.
    const well = await added(draft.id);
    await refresh();
    // One that could not be made small, or went on in another window: it belongs to this form.
    const here = unkeptOf(draft.id).filter(({ given }) => !given).length;
    const left = here + (await db.count("captures", "draft", draft.id));
    if (left > 0) setTries(tries + 1);
    const whole = { ...latest.current, now: { ...latest.current.now, ...kept } };
    const may = well && left === 0 && !ended.current && !incomplete(whole.now, 0);
    const held = may && !kept && (await asks(whole, next));
    return may && !held ? whole : null;
  };
  const finish = async (whole: DraftRow, next: boolean | undefined) => {
    const now = tidy(toSay(kind, whole, today()));
    const carried = refused.filter((write) => whole.corrects.includes(write.id));
    const fields = carried.flatMap((write) => Object.keys(write.wire.set));
    if (isEarly(kind, written(whole.drawn, now, fields)?.set)) return;
    const { record, said: write } = await ending(ended, () => saveForm(db, { ...whole, now }));
    exchangeNow();
    // Who left the form while it waited for a photo stays where they are.
    if (location.hash.includes(whole.id)) goInstead(next ? await beginNext(db, kind, whole) : "");
    const act = () => void share(app, record);
    const offer = { label: t("share"), act };
    const what = write && showContribution(kind, now);
    const adds = what ? ` ${t("adds_record", { what })}.` : "";
    notify(t(write ? "saved" : "unchanged") + adds, photosIn(whole.now)[0] && offer);
  };
  const leave = async () => {
    await ending(ended, () => discardDraft(db, draft));
    goInstead("");
  };

  const marked = [...(returned?.fields ?? []), ...refused.flatMap((write) => write.field ?? [])];
  const wrong = asked ? [...lackingIn(kind, draft.now), ...unreadFields(kind, draft.now)] : [];
  const photos = (
    <Photos
      draft={draft}
      kind={kind}
      set={set}
      keepPhoto={keepPhoto}
      keepFile={keepFile}
      refresh={refresh}
      touch={touch}
      latest={latest}
      ended={ended}
      busy={busy}
      setBusy={setBusy}
      cameraFirst={byCamera && !waiting}
      onPlace={onPlace}
      marked={marked.some((name) => name.startsWith("photos"))}
      asked={asked}
    />
  );
  return (
    <form
      ref={page}
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
      onKeyDown={goOn}
    >
      <FormHead draft={draft} kind={kind} setAll={setAll} />
      {resumed && <p class="alert">{t("resumed")}</p>}
      {elsewhere && <p class="alert">{t("form_other_unit", { unit: amid(elsewhere) })}</p>}
      {returned && <Decided state="returned" {...returned} marked={fieldLabels(kind, returned.fields)} />}
      {refusals(refused).map((text) => (
        <p key={text} class="alert" role="alert">
          {text}
        </p>
      ))}
      {kind.photos.required && photos}
      <FieldList
        draft={draft}
        kind={kind}
        row={row}
        marked={marked}
        lacking={wrong.map((field) => field.name)}
        seeking={seeking}
        setAll={setAll}
      />
      {!kind.photos.required && photos}
      <SaveBar
        draft={draft}
        kind={kind}
        missing={asked ? lacking : []}
        asked={asked}
        saving={saving}
        photo={busy > 0}
        returned={returned !== null}
        onNext={byCamera ? () => void save(true) : null}
      />
      {sheet((next, kept) => void save(next, kept))}
      <TwoTap
        label={t(isNew ? "draft_discard" : "draft_edit_discard")}
        question={t("draft_discard_question")}
        act={leave}
      />
    </form>
  );
}
