// The app: before enrolment one screen, after it all of them over the officer's own database.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { nearest } from "./core/late";
import { byId, type Campaign } from "./db/catalog";
import { prune } from "./db/prune";
import { ensureTotals, isReckoned } from "./db/records";
import { type Db, meta, openDevice } from "./db/schema";
import { exchangeNow, startExchanging } from "./exchange/triggers";
import { t } from "./i18n/text";
import { guarded } from "./officers/lock";
import type { Session } from "./officers/officer";
import { finishLeaving, officers } from "./officers/session";
import { changeCount } from "./platform/changed";
import { recallTime, today } from "./platform/clock";
import { call } from "./platform/http";
import { beginAnew, whenIdle } from "./platform/page";
import { Alerts, AppAlerts } from "./screens/alerts";
import { laterScreens, Screen } from "./screens/route";
import { AppContext } from "./ui/app-context";
import { Frame, LanguageSwitch } from "./ui/frame";
import { type Read, useSteady } from "./ui/live";
import { goInstead, useRoute } from "./ui/router";

export function Root() {
  // A database that fails later takes no form off the screen: saving says that it failed.
  const known = useRef<readonly Session[] | null>(null);
  const phone = useSteady(async () => {
    known.current = await officers().catch(() => known.current);
    return known.current && { all: known.current, locked: guarded(known.current) };
  });
  const session = phone?.all[0];
  const opened = useDatabase(session?.database);
  const ready = phone !== undefined && (!session || opened !== undefined);
  useEffect(() => {
    if (ready) whenIdle(comeBehind);
  }, [ready]);
  if (phone === null || opened === null) return <Unopened />;
  if (!phone) return null;
  if (!session) return <Joining />;
  return opened ? (
    <Enrolled key={session.database} {...opened} session={session} guarded={phone.locked} />
  ) : null;
}

/** The other screens, and the worker that lets the app start without a network. */
function comeBehind(): void {
  // What did not come is said by whoever opens such a screen.
  laterScreens().catch(() => null);
  void finishLeaving().catch(() => null);
  void navigator.serviceWorker?.register(`${import.meta.env.BASE_URL}sw.js`);
}

/** Photos that nobody needs go; while a form keeps them, with the next screen. */
async function makeRoom(db: Db): Promise<void> {
  const isDone = await prune(db, await navigator.locks.query()).catch(() => true);
  if (!isDone) addEventListener("hashchange", () => whenIdle(() => makeRoom(db)), { once: true });
}

/** Shots that a page which was killed left as they came (outbox/captures.ts). */
async function finishLeft(db: Db): Promise<void> {
  if ((await db.getAllKeys("captures")).length === 0) return;
  const later = await import("./screens/later");
  await later.finishLeft(db);
}

/** Nothing is lost by that, unless somebody clears the app away because of it. */
function Unopened() {
  return (
    <Frame>
      <p role="alert">{t("unopened")}</p>
      <button type="button" class="primary" onClick={() => beginAnew()}>
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

/** What the frame and every screen need of a phone, asked for in one go: each question after another would be a wait. */
function ofPhone(db: Db) {
  return Promise.all([
    meta(db, "catalog"),
    meta(db, "campaign"),
    meta(db, "outdated"),
    meta(db, "replaced"),
    meta(db, "idle"),
    meta(db, "numbers"),
    db.getAll("cursors"),
    meta(db, "left"),
  ]);
}

/** Whatever says how many days are left is drawn anew with a new day. */
async function ofToday(db: Db) {
  return { rows: await ofPhone(db), day: today() };
}

interface Opened {
  readonly db: Db;
  readonly first: Read<Awaited<ReturnType<typeof ofToday>>>;
}

/** Null where it cannot be opened. */
function useDatabase(name: string | undefined): Opened | null | undefined {
  const [opened, setOpened] = useState<Opened | null>();
  // At once: nothing can be drawn without it.
  useLayoutEffect(() => {
    if (!name) return;
    // One that is opened when another officer has the phone already is not theirs.
    let here = true;
    const load = async () => {
      const db = await openDevice(name);
      const at = changeCount();
      const [rows, offset_ms, heard, form, reckoned] = await Promise.all([
        ofPhone(db),
        meta(db, "offset_ms"),
        meta(db, "exchanged_at"),
        meta(db, "form"),
        isReckoned(db),
      ]);
      if (!here) return;
      recallTime(offset_ms, heard);
      // On a full phone there are none until it has room.
      if (!reckoned) await ensureTotals(db).catch(() => undefined);
      if (!here) return;
      if (form && location.hash.length < 3) goInstead(`form/${form}`);
      setOpened({ db, first: { value: { rows, day: today() }, at } });
      whenIdle(() => makeRoom(db));
      whenIdle(() => finishLeft(db));
    };
    load()
      .catch(() => here && setOpened(null))
      // What another officer of this phone left goes all the same, behind the first screen.
      .finally(() => whenIdle(startExchanging));
    return () => {
      here = false;
    };
  }, [name]);
  return opened && opened.db.name !== name ? undefined : opened;
}

/** Screens that show nothing an officer wrote: they are there behind the lock too. */
const OPEN = ["enrol", "officers", "rescue", "help"];
/** What is left to do on a phone that was replaced (SPEC X-23). */
const LAST = [...OPEN, "sync", "record", "form"];

interface Props extends Opened {
  readonly session: Session;
  readonly guarded: boolean;
}

/** Who chose no campaign sees the nearest real one that takes anything. */
function byDefault(campaigns: readonly Campaign[]): Campaign | undefined {
  const open = campaigns.filter((one) => !one.archived);
  const real = open.filter((one) => !(one.practice || one.closed));
  return nearest(real, today()) ?? open[0] ?? campaigns[0];
}

function Enrolled({ db, first, session, guarded }: Props) {
  const [screen] = useRoute();
  const [catalog, chosen, outdated, replaced, idle, made = {}, cursors = [], left = []] =
    useSteady(() => ofToday(db), "", first)?.rows ?? [];
  const { campaigns = [], units = [] } = catalog ?? {};
  const campaign = byId(campaigns, chosen) ?? byDefault(campaigns);
  const unit = units.find((one) => !one.merged_into);
  const here = campaign?.id ?? "";
  return (
    <Frame
      demo={catalog?.demo}
      unit={(unit ?? units[0])?.name}
      officer={guarded ? "" : catalog?.officer.name}
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
