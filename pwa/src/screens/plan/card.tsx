// The plan on the home screen: of each figure what is counted and what is not, then what became of the records.
import { t } from "../../i18n/text";
import { Section } from "../../ui/section";
import { usePlan } from "./use-plan";

export function PlanCard() {
  const plan = usePlan();
  if (!(plan?.states || plan?.items.length)) return null;
  return (
    <Section title={t("plan")}>
      <a class="item" href="#/plan">
        <span class="item-text">
          {plan.items.map(({ figure, text, rest }) => (
            <span key={figure}>
              <b>{text}</b> {rest && <small>{rest}</small>}
            </span>
          ))}
          {plan.states && <span class="plan-states">{plan.states}</span>}
        </span>
      </a>
    </Section>
  );
}
