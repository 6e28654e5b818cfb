// Whom to ask, and what to do when a victim comes back: on the phone without a network, behind one tap, and with nothing
// to fill in, for nothing about a person belongs here.
import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";

export function WhomToAsk() {
  const { campaign, unit } = useApp();
  const contact = unit?.contact;
  const hotline = campaign?.hotline ?? "";
  const ask = contact && <Call {...contact} />;
  return (
    <>
      {ask && (
        <section class="ask-whom" aria-label={t("ask")}>
          <span>{t("ask")}</span> {ask}
        </section>
      )}
      <details class="help">
        <summary>{t("returning")}</summary>
        <p>{t("returning_do", { hotline })}</p>
        <a class="tap" href="#/regimes">
          {t("regimes")}
        </a>
        {hotline && <Phone text={t("call_hotline", { phone: hotline })} phone={hotline} />}
        {ask}
      </details>
    </>
  );
}

/** Without a number it is a name. */
function Call({ name, phone }: { readonly name: string; readonly phone: string }) {
  return phone ? <Phone text={t("ask_call", { name, phone })} phone={phone} /> : <p>{name}</p>;
}

function Phone({ text, phone }: { readonly text: string; readonly phone: string }) {
  return (
    <a class="tap" href={`tel:${phone.replace(/[^\d+]/g, "")}`}>
      {text}
    </a>
  );
}
