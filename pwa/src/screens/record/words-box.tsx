// The box in which words to the level above are typed, under the sentence that no victim is named.
import { useState } from "preact/hooks";
import { t } from "../../i18n/text";

const MOST = 2000;

interface Props {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly submit: string;
  readonly text?: string;
  /** What was typed stays on the screen until the box is closed. */
  readonly send: (text: string) => void;
  readonly close: () => void;
}

export function WordsBox({ id, label, help, submit, text: before = "", send, close }: Props) {
  const [text, setText] = useState(before);
  return (
    <form
      class="reply"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim()) send(text.trim());
      }}
    >
      <label for={id}>{label}</label>
      <small id={`${id}-names`}>{t("reply_no_names")}</small>
      <textarea
        id={id}
        rows={3}
        maxLength={MOST}
        value={text}
        aria-describedby={`${id}-names ${id}-says`}
        onInput={(event) => setText(event.currentTarget.value)}
        ref={(input) => {
          // Only as it comes: a drawing later takes the caret from nobody.
          if (input && document.activeElement === document.body) input.focus();
        }}
      />
      <small id={`${id}-says`}>{help}</small>
      <div class="row">
        <button type="submit" class="primary" disabled={!text.trim()}>
          {submit}
        </button>
        <button type="button" onClick={close}>
          {t("later")}
        </button>
      </div>
    </form>
  );
}
