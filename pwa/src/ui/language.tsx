// The other language, by its own name.
import { chooseLanguage, language } from "../i18n/text";

export function LanguageSwitch() {
  const other = language() === "vi" ? "en" : "vi";
  return (
    <div class="row">
      <button type="button" lang={other} onClick={() => chooseLanguage(other)}>
        {other === "vi" ? "Tiếng Việt" : "English"}
      </button>
    </div>
  );
}
