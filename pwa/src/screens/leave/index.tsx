// Leaving this phone: not while anything is only on it, unless it went into files that were given away; then the
// officer's data is cleared from it, and nobody else's.
import { useState } from "preact/hooks";
import { t } from "../../i18n/text";
import { unsentRecords } from "../../officers/rescue";
import { countOpen } from "../../photos/unfinished";
import { changed } from "../../platform/changed";
import { useApp } from "../../ui/app-context";
import { filesText } from "../../ui/file-count";
import { useLive } from "../../ui/live";
import { TwoTap } from "../../ui/two-tap";
import { Drafts } from "../home/drafts";
import { leavePhone } from "./leave-phone";
import { kept, lastGiven, markOf, RescueFile } from "./rescue";

export function LeaveScreen() {
  const { db, session, catalog } = useApp();
  const held = useLive(async () => ({
    ...(await kept(db)),
    // Acts are no records that anybody made (SPEC F-6).
    records: (await db.getAll("records")).filter((row) => row.list[1] !== "act").length,
  }));
  const [given, setGiven] = useState(lastGiven);
  if (!held) return null;
  const n = unsentRecords(held.held);
  const clear = n === 0;
  // Another window may have saved something since this was drawn.
  const leave = async () => {
    if (markOf(await kept(db)) === markOf(held)) await leavePhone(db, session);
    else changed();
  };
  const { name } = catalog.officer;
  return (
    <>
      <h1>{t("leave")}</h1>
      <Drafts />
      {!clear && <p class="alert">{t("leave_unsent")}</p>}
      <RescueFile onGiven={() => setGiven(lastGiven())} />
      {(clear || given === markOf(held)) && (
        <TwoTap
          label={t("leave_clear")}
          question={`${t("leave_question", { name, records: held.records, drafts: held.open.drafts.length, what: filesText(countOpen(held.open)) })} ${
            n > 0 ? t("leave_only_file", { n }) : ""
          }`}
          act={() => void leave()}
        />
      )}
    </>
  );
}
