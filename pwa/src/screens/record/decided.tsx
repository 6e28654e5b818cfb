// What a reviewer gave as the reason, while it stands.
import { t } from "../../i18n/text";

interface Props {
  readonly state: "returned" | "not_counted";
  readonly by: string;
  readonly reason: string;
}

export function Decided({ state, by, reason }: Props) {
  return (
    <p class="alert">
      <strong>{t(`${state}_by`, { by })}</strong> {reason}
    </p>
  );
}
