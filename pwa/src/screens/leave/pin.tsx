// The PIN of an officer: asked for while the screens are locked, else chosen anew or taken away.
import { useRef, useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { isLocked, unlock, withoutPin } from "../../officers/lock";
import { choosePin, isPin, waitS } from "../../officers/pin";
import { officers, update } from "../../officers/session";
import { useLive } from "../../ui/live";
import { goInstead } from "../../ui/router";
import { nameOf } from "./officers";

const LEAST = 4;
const MOST = 6;
const HIDDEN = { type: "password" } as const;
const SHOWN = { type: "text" } as const;

export function PinScreen() {
  const all = useLive(officers) ?? [];
  const session = withoutPin(all) ?? all[0];
  const name = useLive(async () => session && nameOf(session), session?.officer);
  const [person = ""] = (name ?? "").split(" · ");
  const [pin, setPin] = useState("");
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  if (!session) return null;
  const locked = isLocked(session);
  const wait = waitS((session.pin?.wrong ?? 0) - Number(busy));
  const enter = async () => {
    setBusy(true);
    const right = locked ? await isPin(session, pin) : await choosePin(session, pin).then(() => true);
    setPin("");
    setBusy(false);
    setWrong(!right);
    if (!right) return;
    // Of whoever had the phone before: it opens nothing of theirs, and what is open stays so.
    if (session === all[0]) unlock(session.officer);
    // Who went to another screen while the PIN was being kept stays there.
    if (!locked && form.current) goInstead("");
  };
  return (
    <form
      ref={form}
      class="enrol"
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <h1>{t(locked ? "pin" : "pin_choose")}</h1>
      <p>{name}</p>
      {!locked && all.length > 1 && <p>{t("pin_whose", { name: person })}</p>}
      {!locked && <p>{t("pin_help")}</p>}
      <label for="pin">{t("pin_digits")}</label>
      <input
        id="pin"
        class="code"
        {...(locked ? HIDDEN : SHOWN)}
        inputMode="numeric"
        autocomplete="off"
        maxLength={MOST}
        value={pin}
        onInput={({ currentTarget: input }) => {
          // Put back at once: a key that changes nothing draws nothing anew.
          input.value = input.value.replace(/\D/g, "");
          setPin(input.value);
        }}
      />
      <div role="status">
        {wrong && <p class="mark">{t("pin_wrong")}</p>}
        {locked && wait > 0 && <p>{t("pin_wait", { n: wait })}</p>}
      </div>
      <button type="submit" class="primary" disabled={busy || pin.length < LEAST}>
        {t(locked ? "pin_open" : "save")}
      </button>
      {locked ? (
        <>
          <a class="tap" href="#/enrol">
            {t("pin_forgotten")}
          </a>
          <a class="tap" href="#/rescue">
            {t("rescue")}
          </a>
          <a class="tap" href="#/officers">
            {t("officers")}
          </a>
        </>
      ) : (
        all.length === 1 &&
        session.pin && (
          <button type="button" onClick={() => void update(session, { pin: undefined })}>
            {t("pin_none")}
          </button>
        )
      )}
    </form>
  );
}
