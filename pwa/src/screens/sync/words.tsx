// What an officer said beside records and the server does not have: questions, answers to returns, confirmed figures. Each leads to the
// screen that shows it; of what none shows any more the words stand here, to be copied or discarded, figures to be discarded (SPEC X-67).
import { recordOf } from "../../core/record";
import { byId, kindOf } from "../../db/catalog";
import type { RecordRow } from "../../db/schema";
import { said, sentence, t } from "../../i18n/text";
import { type OwnSeal, ownSeals } from "../../outbox/seals";
import { dropEntry, isOnRecord, type OwnWords, ownWords, textOf } from "../../outbox/words";
import { useApp } from "../../ui/app-context";
import { copy } from "../../ui/give";
import { otherUnit } from "../../ui/item";
import { useLive } from "../../ui/live";
import { RecordLink } from "../../ui/record-link";
import { Section } from "../../ui/section";
import { TwoTap } from "../../ui/two-tap";

export function WordsLeft() {
  const { db, catalog, unit } = useApp();
  const held = useLive(async () => {
    const words = (await ownWords(db)).map(async (own) => {
      const row = await db.get("records", recordOf(own.wire) ?? "");
      return { own, row, shown: isOnRecord(own, row) };
    });
    // The screen of figures is of the unit that one works for, in any campaign of the catalogue.
    const seals = (await ownSeals(db)).filter(
      ({ wire: { seal } }) => seal.unit !== unit?.id || !byId(catalog.campaigns, seal.campaign),
    );
    return { words: await Promise.all(words), seals };
  }, `${catalog.etag} ${unit?.id}`);
  if (!held) return null;
  return (
    <>
      {held.words.length > 0 && (
        <Section title={t("words_left")}>
          <ul class="items">
            {held.words.map((one) => (
              <Words key={one.own.id} {...one} />
            ))}
          </ul>
        </Section>
      )}
      {held.seals.length > 0 && (
        <Section title={t("words_seals_left")}>
          <ul class="items">
            {held.seals.map((own) => (
              <Seal key={own.id} own={own} />
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

interface Props {
  readonly own: OwnWords;
  readonly row: RecordRow | undefined;
  /** On the screen of its record, where it is changed. */
  readonly shown: boolean;
}

function Words({ own, row, shown }: Props) {
  const app = useApp();
  const { db, catalog } = app;
  const text = textOf(own);
  return (
    <li>
      {row && (
        <RecordLink class="tap" row={row}>
          {said(kindOf(catalog, row.kind)?.label)} {otherUnit(app, row.unit)} {row.number}
        </RecordLink>
      )}
      <p>{text}</p>
      <small class="mark">{own.code ? sentence(own.code) : t("reply_waits")}</small>
      {!shown && (
        <>
          <p>
            <small>{t("words_loose")}</small>
          </p>
          <div class="row">
            <button type="button" onClick={() => void copy(text)}>
              {t("summary_copy")}
            </button>
            <TwoTap
              label={t("words_discard")}
              question={t("words_discard_question")}
              act={() => void dropEntry(db, own.id)}
            />
          </div>
        </>
      )}
    </li>
  );
}

/** Of a unit or campaign that this officer has no more. */
function Seal({ own }: { readonly own: OwnSeal }) {
  const app = useApp();
  const { unit, campaign } = own.wire.seal;
  const name = byId(app.catalog.campaigns, campaign)?.name;
  return (
    <li>
      <p>{[t("words_seal"), otherUnit(app, unit, "name"), name].filter(Boolean).join(" · ")}</p>
      <small class="mark">{own.code ? sentence(own.code) : t("reply_waits")}</small>
      <TwoTap
        label={t("words_seal_discard")}
        question={t("words_discard_question")}
        act={() => void dropEntry(app.db, own.id)}
      />
    </li>
  );
}
