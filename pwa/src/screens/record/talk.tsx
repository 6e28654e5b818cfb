// Questions and answers about a record, whatever became of it (SPEC D-15): what the server sent, what waits here, and the box.
import { useState } from "preact/hooks";
import type { RecordRow } from "../../db/schema";
import { exchangeNow } from "../../exchange/triggers";
import { sentence, t } from "../../i18n/text";
import { dropMessage, keepMessage, type OwnMessage, ownMessages } from "../../outbox/messages";
import { isUnderWay } from "../../outbox/replies";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notify } from "../../ui/notice";
import { Section } from "../../ui/section";
import { showSaid } from "../../ui/show";
import { WordsBox } from "./words-box";

interface Props {
  readonly row: RecordRow;
  /** False where there is something else to answer first, or nobody to take it. */
  readonly writes: boolean;
}

export function Talk({ row, writes }: Props) {
  const { db } = useApp();
  const { record, messages = [] } = row;
  /** Nothing, a new one, or which own one is typed anew. */
  const [open, setOpen] = useState<"" | "new" | OwnMessage>("");
  const own =
    useLive(async () => {
      const all = await ownMessages(db, record);
      return Promise.all(all.map(async (one) => ({ ...one, fixed: await isUnderWay(db, one) })));
    }, record) ?? [];
  if (messages.length + own.length === 0 && !writes) return null;
  const again = typeof open === "object" ? open : undefined;
  const send = async (text: string) => {
    if (!(await keepMessage(db, record, text, again?.id))) return notify(t("reply_went"));
    setOpen("");
    exchangeNow();
    notify(t("talk_kept"));
  };
  return (
    <Section title={t("talk")}>
      {messages.map((one) => (
        <p key={one.id} class="reply">
          {one.text}
          <small>
            {showSaid(one)}
            {one.above && ` · ${t("talk_above")}`}
          </small>
        </p>
      ))}
      {own.map((one) => (
        <div key={one.id} class="reply">
          {one.wire.message.text}
          <small class="mark">{one.code ? sentence(one.code) : t("reply_waits")}</small>
          {(one.code ? writes : !one.fixed) && open === "" && (
            <button type="button" class="plain" onClick={() => setOpen(one)}>
              {t(one.code ? "edit_again" : "edit")}
            </button>
          )}
          {one.code && (
            <button type="button" onClick={() => void dropMessage(db, one.id)}>
              {t("understood")}
            </button>
          )}
        </div>
      ))}
      {open !== "" && (
        <WordsBox
          key={again?.id ?? "new"}
          id="talk"
          label={t("talk_text")}
          help={t("talk_help")}
          submit={t("talk_send")}
          text={again?.wire.message.text ?? ""}
          send={(text) => void send(text)}
          close={() => setOpen("")}
        />
      )}
      {writes && open === "" && (
        <button type="button" onClick={() => setOpen("new")}>
          {t(messages.length + own.length > 0 ? "talk_more" : "talk_begin")}
        </button>
      )}
    </Section>
  );
}
