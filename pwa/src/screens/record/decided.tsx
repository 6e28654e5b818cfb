// What a reviewer gave as the reason, while it stands, and which fields were marked.
import { t } from "../../i18n/text";

interface Props {
  readonly state: "returned" | "not_counted";
  readonly by: string;
  readonly reason: string;
  /** The labels of the marked fields. */
  readonly marked: readonly string[];
}

export function Decided({ state, by, reason, marked }: Props) {
  return (
    <p class="alert">
      <strong>{t(`${state}_by`, { by })}</strong> {reason}
      {marked.length > 0 && <strong class="mark">{t("look_at", { what: marked.join(", ") })}</strong>}
    </p>
  );
}
