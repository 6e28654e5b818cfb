// The plan item by item: done of expected, and "Không phát sinh" where nothing is done. That is said, not left out, and
// can be taken back.
import { t } from "../../i18n/text";
import { useApp } from "../../ui/app-context";
import { sayNil } from "./say-nil";
import { usePlan } from "./use-plan";

export function PlanScreen() {
  const app = useApp();
  const plan = usePlan();
  if (!plan) return null;
  return (
    <>
      <h1>{t("plan")}</h1>
      {plan.items.length === 0 && <p class="empty">{t("plan_none")}</p>}
      <ul class="items">
        {plan.items.map(({ figure, amount, done, nil, text }) => (
          <li key={figure} class="asked">
            <b>{text}</b>
            {!nil && <progress max={amount} value={Math.min(done, amount)} />}
            {(nil || done === 0) && (
              <button type="button" onClick={() => void sayNil(app, plan.acts, figure, nil ? null : true)}>
                {t(nil ? "nil_back" : "nil")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
