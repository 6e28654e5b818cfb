// Leaving this phone: not while anything is only on it, unless it went into files that were given away; then the
// officer's data is cleared from it, and nobody else's.
import { useState } from "preact/hooks";
import type { Db } from "../../db/schema";
import { t } from "../../i18n/text";
import type { Session } from "../../officers/officer";
import { unsentRecords } from "../../officers/rescue";
import { beginLeaving, finishLeaving } from "../../officers/session";
import { forgetAllUnplaced } from "../../outbox/save";
import { countOpen } from "../../photos/unfinished";
import { allUnkept, forgetUnkept } from "../../photos/unkept";
import { changed } from "../../platform/changed";
import { beginAnew, whenLetGo } from "../../platform/page";
import { useApp } from "../../ui/app-context";
import { filesText } from "../../ui/file-count";
import { useLive } from "../../ui/live";
import { goInstead } from "../../ui/router";
import { TwoTap } from "../../ui/two-tap";
import { Drafts } from "../home/drafts";
import { kept, lastGiven, markOf, RescueFile } from "./rescue";

/** From the first step on they are none of its officers; what cannot be cleared now is cleared at a later start (app.tsx). */
async function leavePhone(db: Db, session: Session): Promise<void> {
  await beginLeaving(session);
  db.close();
  await finishLeaving().catch(() => undefined);
  if (beginAnew(import.meta.env.BASE_URL)) return;
  // Another officer's shot holds the page: it is theirs from now on.
  goInstead("");
  changed();
}

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
    if (markOf(await kept(db)) !== markOf(held)) return changed();
    // What only this page has was in the question too.
    forgetUnkept(...allUnkept(db));
    forgetAllUnplaced(db);
    const asked = markOf(await kept(db));
    const go = async () => {
      // What was on its way to the disk is there by now, and nobody was asked about it.
      if (markOf(await kept(db)) === asked) await leavePhone(db, session);
      else changed();
    };
    whenLetGo(() => void go());
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
