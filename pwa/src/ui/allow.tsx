// The way back from a "no" said to the browser: where to tap, as a picture and in words.
import { t } from "../i18n/text";

export function Allow({ what }: { readonly what: "camera" | "place" }) {
  return (
    <>
      <img src="/app/allow.svg" alt="" />
      <p>{t("allow", { what: t(what) })}</p>
    </>
  );
}
