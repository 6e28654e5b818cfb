// What the hub refused of a record: the reason in words, and what can be done (SPEC H-3). It stops nothing else.
import { discardRefused, retryRefused } from "../../device/refused";
import { now as exchangeNow } from "../../device/triggers";
import { sentence, t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notifyFailure } from "../../ui/notice";
import { TwoTap } from "../../ui/two-tap";

interface Props {
  readonly record: string;
  readonly onCorrect: () => void;
}

export function Refusal({ record, onCorrect }: Props) {
  const { db } = useApp();
  const refused = useLive(async (id) => {
    const writes = await db.getAll("writes", "record", id);
    const photos = await db.getAll("uploads", "record", id);
    const codes = [...writes, ...photos]
      .filter((one) => one.state === "refused")
      .map((one) => one.code ?? "internal");
    return { codes: [...new Set(codes)], writes: writes.some((one) => one.state === "refused") };
  }, record);
  if (!refused || refused.codes.length === 0) return null;
  const retry = () => {
    retryRefused(db, record).then(exchangeNow).catch(notifyFailure);
  };
  const discard = () => {
    discardRefused(db, record).catch(notifyFailure);
  };
  return (
    <section class="alert" aria-label={t("refused")}>
      {refused.codes.map((code) => (
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
      {refused.writes && <TwoTap label={t("discard")} question={t("discard_question")} act={discard} />}
    </section>
  );
}
