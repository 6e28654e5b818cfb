// Sixteen digits that can be read over the telephone, or come with the address that a card's picture names: opening it
// fills them in and uses nothing up. What is unsent on the phone is not touched by joining again.
import { useState } from "preact/hooks";
import { CODE_DIGITS, digits, grouped, isWhole } from "../core/code";
import { exchangeNow } from "../exchange/triggers";
import { sentence, t } from "../i18n/text";
import { enrol } from "../officers/enrol";
import { changed } from "../platform/changed";
import { Problem } from "../platform/http";
import { goInstead } from "../ui/router";

export function Enrol({ id }: { readonly id: string }) {
  const [typed, setTyped] = useState(grouped(digits(id)));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const code = digits(typed);
  const { length } = code;
  // Said at once, before anything is sent.
  const mistyped = length >= CODE_DIGITS && !isWhole(code);
  const lacks = CODE_DIGITS - length;
  const join = async () => {
    setBusy(true);
    try {
      await enrol(code, () => setFailure(t("enrol_waits")));
      goInstead("");
      changed();
      exchangeNow(); // the same officer's outbox waited for this token
    } catch (error) {
      setFailure(error instanceof Problem ? sentence(error.code) : t("unreachable"));
    } finally {
      setBusy(false);
    }
  };
  const says = mistyped ? sentence("code_mistyped") : failure;
  return (
    <form
      class="enrol"
      onSubmit={(event) => {
        event.preventDefault();
        void join();
      }}
    >
      <h1>{t("enrol")}</h1>
      <p>{t("enrol_help")}</p>
      <p>
        <small>{t("enrol_second")}</small>
      </p>
      <label for="code">{t("code")}</label>
      <input
        id="code"
        class="code"
        inputMode="numeric"
        autocomplete="one-time-code"
        value={typed}
        aria-invalid={says !== ""}
        aria-describedby="code-says"
        onInput={({ currentTarget }) => {
          setTyped(regrouped(currentTarget));
          setFailure("");
        }}
      />
      <div id="code-says">
        {says && <p role="alert">{says}</p>}
        {lacks > 0 && <small>{t("code_lacks", { n: lacks })}</small>}
      </div>
      <button type="submit" class="primary" disabled={busy || !isWhole(code)}>
        {t(busy ? "enrolling" : "enrol_button")}
      </button>
    </form>
  );
}

/** Groups of four while digits are typed, also in the middle; what is no digit stays visible as it was typed. */
function regrouped(input: HTMLInputElement): string {
  const { value, selectionStart } = input;
  if (/[^0-9 ]/.test(value)) return value;
  const shown = grouped(digits(value));
  const before = digits(value.slice(0, selectionStart ?? value.length)).length;
  input.value = shown;
  // Behind as many digits as before: groups come and go in front of the caret.
  const at = before + Math.floor(Math.max(0, before - 1) / 4);
  input.setSelectionRange(at, at);
  return shown;
}
