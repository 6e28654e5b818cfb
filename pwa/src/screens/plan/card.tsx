// The plan in two lines on the home screen: what is done of it, and what became of the records.
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
          {plan.items.length > 0 && <b>{plan.items.map((item) => item.text).join(" · ")}</b>}
          <span>{plan.states}</span>
        </span>
      </a>
    </Section>
  );
}
