// The answer to a return, in words and without changing data (SPEC D-13): kept on this phone until it went, and shown beside the
// reason from then on.
import { useState } from "preact/hooks";
import type { Decision } from "../../core/view";
import { exchangeNow } from "../../exchange/triggers";
import { sentence, t } from "../../i18n/text";
import { dropReply, isUnderWay, keepReply, replyTo } from "../../outbox/replies";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { showSaid } from "../../ui/show";
import { WordsBox } from "./words-box";

export function ReplyTo({ record, decision }: { readonly record: string; readonly decision: Decision }) {
  const { db } = useApp();
  const [open, setOpen] = useState(false);
  const own = useLive(async () => {
    const kept = await replyTo(db, decision.id);
    return kept && { ...kept, fixed: await isUnderWay(db, kept) };
  }, decision.id);
  if (decision.reply)
    return (
      <p class="reply">
        <strong>{t("reply_given")}</strong> {decision.reply.text}
        <small>{showSaid(decision.reply)}</small>
      </p>
    );
  if (own === undefined) return null;
  if (own && !open)
    return (
      <div class="reply">
        <strong>{t("reply_given")}</strong> {own.wire.reply.text}
        <small class="mark">{own.code ? sentence(own.code) : t("reply_waits")}</small>
        {own.code ? (
          <button type="button" onClick={() => void dropReply(db, decision.id)}>
            {t("understood")}
          </button>
        ) : (
          !own.fixed && (
            <button type="button" class="plain" onClick={() => setOpen(true)}>
              {t("edit")}
            </button>
          )
        )}
      </div>
    );
  if (!open)
    return (
      <button type="button" onClick={() => setOpen(true)}>
        {t("reply_begin")}
      </button>
    );
  const send = async (text: string) => {
    // What was typed stays on the screen.
    if (!(await keepReply(db, record, decision.id, text))) return notify(t("reply_went"));
    setOpen(false);
    exchangeNow();
    notify(t("reply_kept"));
  };
  return (
    <WordsBox
      id="reply"
      label={t("reply_text")}
      help={t("reply_help")}
      submit={t("reply_send")}
      text={own?.wire.reply.text ?? ""}
      send={(text) => void send(text)}
      close={() => setOpen(false)}
    />
  );
}
