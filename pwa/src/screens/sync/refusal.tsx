// What the server refused of a record: the reason in words, and what can be done (SPEC H-3). It stops nothing else.

import { exchangeNow } from "../../exchange/triggers";
import { sentence, t } from "../../i18n/text";
import { discardRefused, retryRefused } from "../../outbox/refused";
import { ownWords } from "../../outbox/words";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { TwoTap } from "../../ui/two-tap";
import { refusalsOf } from "./refusals";

interface Props {
  readonly record: string;
  readonly onCorrect: () => void;
}

export function Refusal({ record, onCorrect }: Props) {
  const { db } = useApp();
  const held = useLive(async () => {
    const row = await db.get("records", record);
    const [writes, uploads, words] = await Promise.all([
      db.getAll("writes", "record", record),
      db.getAll("uploads", "record", record),
      ownWords(db, record),
    ]);
    return { writes, words: words.length, said: refusalsOf(writes, uploads, row?.view.fields ?? {}) };
  }, record);
  if (!held?.said[0]) return null;
  const retry = () => void retryRefused(db, record).then(exchangeNow);
  const discard = () => void discardRefused(db, record);
  const { writes, words } = held;
  // They are no part of what goes.
  const question = `${t("discard_question")} ${words > 0 ? t("discard_but_words", { n: words }) : ""}`.trim();
  return (
    <div class="alert">
      {held.said.map(({ code, file }) => (
        <p key={`${code} ${file}`}>
          {file && `${file}: `}
          {sentence(code)} <small>({code})</small>
        </p>
      ))}
      <button type="button" class="primary" onClick={onCorrect}>
        {t("correct")}
      </button>
      <button type="button" onClick={retry}>
        {t("send_again")}
      </button>
      {writes.some(({ state }) => state === "refused") && (
        <TwoTap label={t("discard")} question={question} act={discard} />
      )}
    </div>
  );
}
