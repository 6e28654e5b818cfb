// What cannot be taken back names what it destroys and asks for a second tap.
import { useState } from "preact/hooks";
import { t } from "../i18n/text";

interface Props {
  readonly label: string;
  readonly question: string;
  readonly act: () => void;
}

export function TwoTap({ label, question, act }: Props) {
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button type="button" onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  }
  return (
    <div class="asking" role="alert">
      <p>{question}</p>
      <button type="button" class="danger" onClick={act}>
        {label}
      </button>
      <button type="button" onClick={() => setAsking(false)}>
        {t("no_keep")}
      </button>
    </div>
  );
}
