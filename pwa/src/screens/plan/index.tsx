// The plan: on the home screen in brief, and on a screen of its own item by item.
import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { Icon } from "../../ui/icon";
import { Section } from "../../ui/section";
import { KindAnswers } from "../home/kind-answers";
import { sayNil } from "./say-nil";
import { usePlan } from "./use-plan";

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
            {(nil || none) && !app.campaign?.archived && (
              <button type="button" onClick={() => void sayNil(app, plan.acts, figure, nil ? null : true)}>
                {t(nil ? "nil_back" : "nil")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <KindAnswers all />
    </>
  );
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

/** Of each figure what is counted and what is not, then what became of the records. */
export function PlanCard() {
  const plan = usePlan();
  if (!(plan?.states || plan?.items.length)) return null;
  return (
    <Section title={t("plan")}>
      <a class="item" href="#/plan">
        <span class="item-text">
          {plan.items.map(({ figure, text, rest, amount, done }) => (
            <span key={figure} class="plan-row">
              <b>{text}</b>
              {done.counted >= amount && amount > 0 && <Enough />}
              {rest && <small>{rest}</small>}
            </span>
          ))}
          {plan.states && <span class="plan-states">{plan.states}</span>}
        </span>
      </a>
    </Section>
  );
}
