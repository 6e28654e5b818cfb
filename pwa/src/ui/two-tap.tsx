// What cannot be taken back names what it destroys and asks for a second tap, at the foot of the screen where the thumb is:
// a dialog, so that focus goes there and back, and Escape keeps everything.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/text";

interface Props {
  readonly label: string;
  readonly question: string;
  readonly act: () => void;
  /** The way back in other words; an act that destroys nothing is red from the beginning. */
  readonly no?: string;
  readonly primary?: boolean;
}

export function TwoTap({ label, question, act, no, primary }: Props) {
  const [asking, setAsking] = useState(false);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (asking) dialog.current?.showModal();
  }, [asking]);
  const close = () => dialog.current?.close();
  return (
    <>
      <button type="button" class={primary ? "primary" : ""} onClick={() => setAsking(true)}>
        {label}
      </button>
      {asking && (
        <dialog ref={dialog} class="asking" aria-label={label} onClose={() => setAsking(false)}>
          <div role="alert">
            <p>{question}</p>
            <button
              type="button"
              class="danger"
              onClick={() => {
                close();
                act();
              }}
            >
              {label}
            </button>
            <button type="button" onClick={close}>
              {no ?? t("no_keep")}
            </button>
          </div>
        </dialog>
      )}
    </>
  );
}
