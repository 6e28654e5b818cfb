// What the server refused of a record: the reason in words, and what can be done (SPEC H-3). It stops nothing else.

import { exchangeNow } from "../../exchange/triggers";
import { sentence, t } from "../../i18n/text";
import { discardRefused, retryRefused } from "../../outbox/refused";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { TwoTap } from "../../ui/two-tap";

interface Props {
  readonly record: string;
  readonly onCorrect: () => void;
}

export function Refusal({ record, onCorrect }: Props) {
  const { db } = useApp();
  const held =
    useLive(
      async () => [
        ...(await db.getAll("writes", "record", record)),
        ...(await db.getAll("uploads", "record", record)),
      ],
      record,
    ) ?? [];
  const refused = held.filter((one) => one.state === "refused");
  const codes = [...new Set(refused.map((one) => one.code ?? "internal"))];
  if (codes.length === 0) return null;
  const retry = () => void retryRefused(db, record).then(exchangeNow);
  const discard = () => void discardRefused(db, record);
  return (
    <div class="alert">
      {codes.map((code) => (
        <p key={code}>
          {sentence(code)} <small>({code})</small>
        </p>
      ))}
      <button type="button" class="primary" onClick={onCorrect}>
        {t("correct")}
      </button>
      <button type="button" onClick={retry}>
        {t("send_again")}
      </button>
      {refused.some((one) => "wire" in one) && (
        <TwoTap label={t("discard")} question={t("discard_question")} act={discard} />
      )}
    </div>
  );
}
