// What is to be looked at before a form is saved: one sheet with all of it, at the foot of the screen where the thumb is. It
// blocks nothing (SPEC F-28): the values are mended, or stay as they are, which goes with the record.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Finding, keeping } from "../../core/checks";
import type { Kind } from "../../core/kind";
import { type Values, values } from "../../core/record";
import { byId } from "../../db/catalog";
import type { DraftRow } from "../../db/schema";
import { t } from "../../i18n/text";
import { type Checked, checked } from "../../outbox/checking";
import { useApp } from "../../ui/app-context";
import { fieldOf, inBrief, sayCheck } from "../../ui/show";
import { tidy } from "./remarks";

interface Asking extends Checked {
  /** What would be saved, and whether the next form comes after it. */
  readonly now: Values;
  readonly next: boolean | undefined;
}

/** `asks` whether there is anything to look at, and then opens the `sheet`: keeping it saves the form once more. */
export function useAskKept(kind: Kind, form: RefObject<HTMLFormElement | null>) {
  const { db, catalog } = useApp();
  const [asking, setAsking] = useState<Asking | null>(null);
  const asks = async (whole: DraftRow, next: boolean | undefined) => {
    const now = tidy(whole.now);
    const campaign = byId(catalog.campaigns, whole.campaign);
    // It blocks nothing: a look that fails finds nothing.
    const found = await checked(db, kind, whole, now, campaign, catalog.officer.name).catch(() => null);
    if (!found) return false;
    setAsking(found.open.length > 0 ? { ...found, now, next } : null);
    return found.open.length > 0;
  };
  const sheet = (save: (next: boolean | undefined, kept: Values) => void) => {
    if (!asking) return null;
    const { open, found, now, next } = asking;
    const keep = () => {
      setAsking(null);
      save(
        next,
        keeping(
          found.filter(({ check }) => open.some((one) => one.check.id === check.id)),
          now,
        ),
      );
    };
    const mend = () => {
      setAsking(null);
      focusOn(form.current, open[0]?.keys[0] ?? "");
    };
    return <AskKept kind={kind} checked={asking} keep={keep} mend={mend} />;
  };
  return { asks, sheet };
}

/** Brings the field of a finding into sight, with the focus on it; one that waits behind "Thêm" comes out. */
function focusOn(form: HTMLFormElement | null, key: string): void {
  const place = form?.querySelector(`[data-field="${key.split("/")[0]}"]`);
  const more = place?.closest("details");
  if (more) more.open = true;
  place?.scrollIntoView({ block: "start" });
  place
    ?.querySelector<HTMLElement>("input:not([type=file]), textarea, button")
    ?.focus({ preventScroll: true });
}

interface Props {
  readonly kind: Kind;
  readonly checked: Checked;
  readonly keep: () => void;
  /** Also where the sheet is closed by the keyboard, or by the phone's way back. */
  readonly mend: () => void;
}

/** Most records that are named for one sentence. */
const NAMED = 3;

function AskKept({ kind, checked, keep, mend }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const kept = useRef(false);
  useEffect(() => dialog.current?.showModal(), []);
  const { open, others } = checked;
  const named = (one: Finding) =>
    one.others
      .slice(0, NAMED)
      .flatMap((id) => others[id] ?? [])
      .map((row) => `${row.number} · ${inBrief(kind, values(row.view.fields))}`);
  const numbers = open.every(({ keys }) => keys.every((key) => fieldOf(kind, key)?.type === "integer"));
  return (
    <dialog
      ref={dialog}
      class="asking"
      aria-labelledby="ask-kept"
      onClose={() => (kept.current ? keep() : mend())}
    >
      <div id="ask-kept" role="alert">
        {open.map((one, at) => (
          <p key={`${one.check.id} ${one.keys}`}>
            {sayCheck(kind, one)} {at === open.length - 1 && t("check_please")}
            {named(one).map((other) => (
              <small key={other}>{other}</small>
            ))}
          </p>
        ))}
      </div>
      <button type="button" class="primary" onClick={() => dialog.current?.close()}>
        {t("check_mend")}
      </button>
      <button
        type="button"
        onClick={() => {
          kept.current = true;
          dialog.current?.close();
        }}
      >
        {t(numbers ? "check_keep_number" : "check_keep")}
      </button>
    </dialog>
  );
}
