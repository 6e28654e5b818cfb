// Eight digits that can be read over the telephone, or come with the address that a card's picture names: opening it
// fills them in and uses nothing up. What is unsent on the phone is not touched by joining again.
import { useState } from "#view/hooks";
import { changed } from "../device/bus";
import { enrol } from "../device/enrol";
import { Problem } from "../device/hub";
import { now as exchangeNow } from "../device/triggers";
import { sentence, t } from "../i18n/text";
import { goInstead } from "../ui/router";

export function Enrol({ id }: { readonly id: string }) {
  const [code, setCode] = useState(digits(id));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const join = async () => {
    setBusy(true);
    try {
      await enrol(code);
      goInstead("");
      changed();
      exchangeNow(); // the same officer's outbox waited for this token
    } catch (error) {
      setFailure(error instanceof Problem ? sentence(error.code) : t("unreachable"));
    } finally {
      setBusy(false);
    }
  };
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
      <label for="code">{t("code")}</label>
      <input
        id="code"
        class="code"
        inputMode="numeric"
        autocomplete="one-time-code"
        maxLength={11}
        value={code}
        aria-invalid={failure !== ""}
        aria-describedby="code-says"
        onInput={(event) => {
          setCode(digits(event.currentTarget.value));
          setFailure("");
        }}
      />
      <div id="code-says">
        {failure && <p role="alert">{failure}</p>}
        {code.length < 8 && <small>{t("code_lacks", { n: 8 - code.length })}</small>}
      </div>
      <button type="submit" class="primary" disabled={busy || code.length !== 8}>
        {t(busy ? "enrolling" : "enrol_button")}
      </button>
    </form>
  );
}

function digits(text: string): string {
  return text.replace(/\D/g, "").slice(0, 8);
}
