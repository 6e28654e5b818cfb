// The app: before enrolment one screen, after it all of them over the officer's own database.
import { useEffect, useMemo, useState } from "#view/hooks";
import { setOffset } from "./device/clock";
import { type Db, meta, openDevice } from "./device/db";
import { prune } from "./device/prune";
import { currentSession, type Session } from "./device/session";
import { now as exchangeNow, start } from "./device/triggers";
import { t } from "./i18n/text";
import { Screen } from "./screens/route";
import { AppContext } from "./ui/app-context";
import { Frame } from "./ui/frame";
import { useLive } from "./ui/live";
import { notifyFailure } from "./ui/notice";

export function Root() {
  const session = useLive(async () => (await currentSession()) ?? null);
  const db = useDatabase(session?.database);
  if (session === undefined) return null;
  if (session === null) {
    return (
      <Frame>
        <Screen only="enrol" />
      </Frame>
    );
  }
  return db ? <Enrolled key={session.database} db={db} session={session} /> : null;
}

function useDatabase(name: string | undefined): Db | undefined {
  const [db, setDb] = useState<Db>();
  useEffect(() => {
    if (!name) return;
    openDevice(name)
      .then(async (opened) => {
        setOffset((await meta(opened, "offset_ms")) ?? 0);
        await prune(opened);
        setDb(opened);
        start(opened);
      })
      .catch(notifyFailure);
  }, [name]);
  return db?.name === name ? db : undefined;
}

function Enrolled({ db, session }: { readonly db: Db; readonly session: Session }) {
  const [catalog, chosen, outdated] =
    useLive(() => Promise.all([meta(db, "catalog"), meta(db, "campaign"), meta(db, "outdated")])) ?? [];
  const open = catalog?.campaigns.filter((one) => !one.archived) ?? [];
  const campaign = open.find((one) => one.id === chosen) ?? open[0];
  const app = useMemo(() => catalog && { db, session, catalog, campaign }, [db, session, catalog, campaign]);
  const frame = { catalog, campaign, ended: session.ended, outdated: outdated ?? false };
  if (!app) {
    return (
      <Frame {...frame}>
        <p role="status">{t("catalog_coming")}</p>
        <button type="button" class="primary" onClick={exchangeNow}>
          {t("exchange_now")}
        </button>
      </Frame>
    );
  }
  return (
    <AppContext.Provider value={app}>
      <Frame {...frame}>
        <Screen />
      </Frame>
    </AppContext.Provider>
  );
}
