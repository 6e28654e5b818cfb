// The app: before enrolment one screen, after it all of them over the officer's own database.
import { useEffect, useRef, useState } from "preact/hooks";
import { byId } from "./db/catalog";
import { prune } from "./db/prune";
import { ensureTotals } from "./db/records";
import { type Db, meta, openDevice } from "./db/schema";
import { exchangeNow, startExchanging } from "./exchange/triggers";
import { t } from "./i18n/text";
import { guarded } from "./officers/lock";
import type { Session } from "./officers/officer";
import { officers } from "./officers/session";
import { setOffset } from "./platform/clock";
import { call } from "./platform/http";
import { Alerts, AppAlerts } from "./screens/alerts";
import { Screen } from "./screens/route";
import { AppContext } from "./ui/app-context";
import { Frame, LanguageSwitch } from "./ui/frame";
import { useLive } from "./ui/live";
import { goInstead, useRoute } from "./ui/router";

export function Root() {
  // A database that fails later takes no form off the screen: saving says that it failed.
  const known = useRef<readonly Session[] | null>(null);
  const all = useLive(async () => {
    known.current = await officers().catch(() => known.current);
    return known.current;
  });
  const session = all?.[0];
  const db = useDatabase(session?.database);
  if (all === null || db === null) return <Unopened />;
  if (!all) return null;
  if (!session) return <Joining />;
  return db ? <Enrolled key={session.database} db={db} session={session} guarded={guarded(all)} /> : null;
}

/** Nothing is lost by that, unless somebody clears the app away because of it. */
function Unopened() {
  return (
    <Frame>
      <p role="alert">{t("unopened")}</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        {t("try_again")}
      </button>
    </Frame>
  );
}

/** The server is asked once whether it holds sample data; without an answer nothing is said. */
function Joining() {
  const [screen] = useRoute();
  const [demo, setDemo] = useState(false);
  useEffect(() => {
    call(null, "health")
      .then((answer) => answer.json())
      .then((health) => setDemo(health.demo === true))
      .catch(() => undefined);
  }, []);
  return (
    <Frame demo={demo}>
      {screen !== "help" && <AppAlerts />}
      <Screen only="enrol" but={["help"]} />
      {screen !== "help" && <LanguageSwitch />}
    </Frame>
  );
}

/** Null where it cannot be opened. */
function useDatabase(name: string | undefined): Db | null | undefined {
  const [db, setDb] = useState<Db | null>();
  useEffect(() => {
    if (!name) return;
    // One that is opened when another officer has the phone already is not theirs.
    let here = true;
    const load = async () => {
      const opened = await openDevice(name);
      const offset_ms = (await meta(opened, "offset_ms")) ?? 0;
      if (!here) return;
      setOffset(offset_ms);
      // On a full phone there are none until it has room.
      await ensureTotals(opened).catch(() => undefined);
      const form = await meta(opened, "form");
      if (!here) return;
      if (form && location.hash.length < 3) goInstead(`form/${form}`);
      // Begun before a form can be drawn, so it comes before its photos; without it there is less room, no more.
      prune(opened, await navigator.locks.query()).catch(() => null);
      if (here) setDb(opened);
    };
    load()
      .catch(() => here && setDb(null))
      // What another officer of this phone left goes all the same.
      .finally(startExchanging);
    return () => {
      here = false;
    };
  }, [name]);
  return db && db.name !== name ? undefined : db;
}

/** Screens that show nothing an officer wrote: they are there behind the lock too. */
const OPEN = ["enrol", "officers", "rescue", "help"];
/** What is left to do on a phone that was replaced (SPEC X-23). */
const LAST = [...OPEN, "sync", "record", "form"];

interface Props {
  readonly db: Db;
  readonly session: Session;
  readonly guarded: boolean;
}

function Enrolled({ db, session, guarded }: Props) {
  const [screen] = useRoute();
  const [catalog, chosen, outdated, replaced, idle, made = {}, cursors = [], left = []] =
    useLive(() =>
      Promise.all([
        meta(db, "catalog"),
        meta(db, "campaign"),
        meta(db, "outdated"),
        meta(db, "replaced"),
        meta(db, "idle"),
        meta(db, "numbers"),
        db.getAll("cursors"),
        meta(db, "left"),
      ]),
    ) ?? [];
  const { campaigns = [], units = [] } = catalog ?? {};
  const campaign = byId(campaigns, chosen) ?? campaigns.find((one) => !one.archived) ?? campaigns[0];
  const unit = units.find((one) => !one.merged_into);
  const here = campaign?.id ?? "";
  return (
    <Frame
      demo={catalog?.demo}
      unit={(unit ?? units[0])?.name}
      practice={campaign?.practice}
      ended={session.ended}
      replaced={replaced}
      idle={idle}
      outdated={outdated}
    >
      {catalog ? (
        <AppContext.Provider value={{ db, session, catalog, campaign, here, unit, left, made, cursors }}>
          {(screen || guarded || replaced) && <Alerts />}
          <Screen only={guarded ? "pin" : replaced && "leave"} but={guarded ? OPEN : LAST} />
        </AppContext.Provider>
      ) : (
        <>
          <p role="status">{t("catalog_coming")}</p>
          <button type="button" class="primary" onClick={exchangeNow}>
            {t("exchange_now")}
          </button>
        </>
      )}
    </Frame>
  );
}
