// The plan: on the home screen in brief, and on a screen of its own item by item.
import type { Kind } from "../../core/kind";
import { t } from "../../i18n/text";
import { isoOf, now } from "../../platform/clock";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Section } from "../../ui/section";
import { KindAnswers } from "../home/kind-answers";
import { sayNil } from "./say-nil";
import { OF_KIND, type Plan, usePlan } from "./use-plan";

/**
 * Counted of expected (the bar too), what is not counted apart, and "Không phát sinh" where nothing is done. That is said,
 * not left out, and can be taken back.
 */
export function PlanScreen() {
  const app = useApp();
  const plan = usePlan();
  if (!plan) return null;
  return (
    <>
      <h1>{t("plan")}</h1>
      {plan.items.length === 0 && (
        <p class="empty">{t(app.campaign ? "plan_none" : app.unit ? "no_campaign" : "no_unit")}</p>
      )}
      <ul class="items">
        {plan.items.map(({ figure, amount, done, nil, answer, text, rest, none }) => (
          <li key={figure} class="asked">
            <b>{text}</b>
            {done.counted >= amount && amount > 0 && <Enough />}
            {answer === "amount" && (
              <progress aria-label={text} max={amount} value={Math.min(done.counted, amount)} />
            )}
            {rest && <small>{rest}</small>}
            {!none && (
              <a
                class="tap"
                href={recordsOf(app.catalog.kinds, figure)}
                aria-label={t("plan_records_of", { what: text })}
              >
                {t("plan_records")}
              </a>
            )}
            {(nil || none) && !app.campaign?.archived && (
              <button type="button" onClick={() => void sayNil(app, plan.acts, figure, nil ? null : true)}>
                {t(nil ? "nil_back" : "nil")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {plan.states && <p>{plan.states}</p>}
      <KindAnswers all />
    </>
  );
}

/** The list of what feeds the figure: of its kind, or of all where several do. */
function recordsOf(kinds: readonly Kind[], figure: string): string {
  const [first, ...others] = kinds.filter(({ figures }) => figures.some(({ code }) => code === figure));
  return first && others.length === 0 ? `#/search/${OF_KIND}${first.kind}` : "#/search";
}

/** What is asked for is there and counted. */
function Enough() {
  return (
    <span class="chip counted">
      <Icon name="done" />
      {t("plan_enough")}
    </span>
  );
}

/** As many as stand on home; the page has all of them. */
const ON_HOME = 3;
/** From five o'clock on. */
const EVENING = 17;

/** What is missing is said in the evening, and first then: by day everybody is still at it. */
export function PlanCard() {
  const plan = usePlan();
  if (!plan?.items.length) return null;
  const lacks = ({ nil, amount, done }: Plan["items"][number]) =>
    !nil && done.done + done.unsent + done.returned < amount;
  const evening = Number(isoOf(now()).slice(11, 13)) >= EVENING && plan.items.some(lacks);
  const items = evening ? [...plan.items].sort((a, b) => Number(lacks(b)) - Number(lacks(a))) : plan.items;
  const rest = items.length - ON_HOME;
  return (
    <Section title={t("plan")}>
      <a class="item plan-card" href="#/plan">
        <span class="item-text">
          {evening && <span>{t("plan_lacking")}</span>}
          {items.slice(0, ON_HOME).map(({ figure, text, rest: besides, amount, done }) => (
            <span key={figure} class="plan-row">
              <b>{text}</b>
              {done.counted >= amount && amount > 0 && <Enough />}
              {besides && <small class="one-line">{besides}</small>}
            </span>
          ))}
          {rest > 0 && <small>{t("plan_more", { n: rest })}</small>}
        </span>
      </a>
    </Section>
  );
}
