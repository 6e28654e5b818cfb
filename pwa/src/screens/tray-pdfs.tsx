// PDF files that another app handed over and no form has taken in: which they are, what can be done, and letting them go.
import type { ComponentChildren } from "preact";
import { t } from "../i18n/text";
import { laidAs } from "../photos/inbox";
import { countTray, takeInAlone, takeOut } from "../photos/tray";
import { changed } from "../platform/changed";
import { useApp } from "../ui/app-context";
import { filesText } from "../ui/file-count";
import { notify } from "../ui/notice";
import { TwoTap } from "../ui/two-tap";

/** So many are named. */
const NAMED = 3;

interface Props {
  readonly keys: readonly Request[];
  readonly children: ComponentChildren;
}

export function TrayPdfs({ keys, children }: Props) {
  const { db } = useApp();
  const names = keys.slice(0, NAMED).map((key) => laidAs(key).pdf);
  const leave = async () => {
    const ran = await takeInAlone(async () => {
      for (const key of keys) await takeOut(db, key);
    });
    if (!ran) notify(t("inbox_busy"));
    changed();
  };
  return (
    <div class="alert">
      <p>
        {t("inbox_pdfs_names", {
          what: filesText(countTray(keys)),
          names: names.join(", ") + (keys.length > NAMED ? "…" : ""),
        })}
      </p>
      {children}
      <TwoTap label={t("inbox_pdfs_leave")} question={t("inbox_pdfs_leave_question")} act={leave} />
    </div>
  );
}
