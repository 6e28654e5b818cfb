// Whether what a whole kind shows advertises the hotline, asked once for all records that nobody answered (SPEC F-39). On home
// while there are such; the plan has the answers that were given too, to give another.
import { questionOf, streamOf } from "../../core/sums";
import { meta } from "../../db/schema";
import { exchangeNow } from "../../exchange/triggers";
import { said, t } from "../../i18n/text";
import { answerKind, kindAnswers } from "../../outbox/kind-answers";
import { useApp } from "../../ui/app-context";
import { useLive } from "../../ui/live";
import { notify, notifyFailure } from "../../ui/notice";
import { Section } from "../../ui/section";

const ANSWERS = [
  [true, "yes"],
  [false, "no"],
  [null, "unknown"],
] as const;

export function KindAnswers({ all }: { readonly all?: boolean }) {
  const { db, catalog, campaign, here, unit } = useApp();
  const read = async () => ({
    sum: (await meta(db, "totals"))?.[streamOf({ unit: unit?.id ?? "", campaign: here })] ?? {},
    given: await kindAnswers(db, here),
  });
  const { sum = {}, given = {} } = useLive(read, `${here} ${unit?.id}`) ?? {};
  if (!(unit && campaign) || campaign.archived) return null;
  const asked = catalog.kinds.flatMap((kind) => {
    const question = questionOf(kind);
    const n = sum[`unsaid ${kind.kind}`] ?? 0;
    const answer = given[kind.kind];
    if (!(question && (all ? n > 0 || answer : n > 0 && answer?.value !== null))) return [];
    const text = t("kind_asks", { kind: said(kind.label), question: said(question.label).toLowerCase() });
    // Taken back, what was said before holds again.
    const give = (to: boolean | null, before: boolean | null) => () => {
      const write = answerKind(db, kind, unit.id, here, to);
      void write.then((written) => {
        exchangeNow();
        const undo = to !== before && { label: t("undo"), act: give(before, to) };
        notify(t("kind_answered", { n: written }), undo || undefined);
      }, notifyFailure);
    };
    return [
      <fieldset key={kind.kind} class="asked">
        <legend>{text}</legend>
        {n > 0 && <small>{t("kind_unsaid", { n })}</small>}
        <div class="row">
          {ANSWERS.map(([to, word]) => (
            <button
              type="button"
              key={word}
              class={answer?.value === to ? "primary" : ""}
              aria-pressed={answer ? answer.value === to : undefined}
              onClick={give(to, answer?.value ?? null)}
            >
              {t(word)}
            </button>
          ))}
        </div>
      </fieldset>,
    ];
  });
  if (asked.length === 0) return null;
  return <Section title={t("kind_answers")}>{asked}</Section>;
}
