// The app: before enrolment one screen, after it all of them over the officer's own database.
import { useEffect, useState } from "#view/hooks";
import { setOffset } from "./device/clock";
import { type Db, meta, openDevice } from "./device/db";
import { call } from "./device/hub";
import { prune } from "./device/prune";
import { currentSession, type Session } from "./device/session";
import { now as exchangeNow, start } from "./device/triggers";
import { t } from "./i18n/text";
import { send } from "./screens/later";
import { Screen } from "./screens/route";
import { provide } from "./ui/app-context";
import { Frame } from "./ui/frame";
import { useLive } from "./ui/live";

export function Root() {
  const session = useLive(async () => (await currentSession()) ?? null);
  const db = useDatabase(session?.database);
  if (session === undefined) return null;
  if (session === null) return <Joining />;
  return db ? <Enrolled key={session.database} db={db} session={session} /> : null;
}

/** The hub is asked once whether it holds sample data; without an answer nothing is said. */
function Joining() {
  const [demo, setDemo] = useState(false);
  useEffect(() => {
    call(null, "health")
      .then((answer) => answer.json())
      .then((health) => setDemo(health.demo === true))
      .catch(() => undefined);
  }, []);
  return (
    <Frame demo={demo}>
      <Screen only="enrol" />
    </Frame>
  );
}

function useDatabase(name: string | undefined): Db | undefined {
  const [db, setDb] = useState<Db>();
  useEffect(() => {
    if (!name) return;
    void openDevice(name).then(async (opened) => {
      setOffset((await meta(opened, "offset_ms")) ?? 0);
      await prune(opened);
      setDb(opened);
      start(opened, send);
    });
  }, [name]);
  return db?.name === name ? db : undefined;
}

function Enrolled({ db, session }: { readonly db: Db; readonly session: Session }) {
  const [catalog, chosen, outdated, made = {}, cursors = []] =
    useLive(() =>
      Promise.all([
        meta(db, "catalog"),
        meta(db, "campaign"),
        meta(db, "outdated"),
        meta(db, "numbers"),
        db.getAll("cursors"),
      ]),
    ) ?? [];
  const { campaigns = [], units = [] } = catalog ?? {};
  const campaign =
    campaigns.find((one) => one.id === chosen) ?? campaigns.find((one) => !one.archived) ?? campaigns[0];
  const unit = units.find((one) => !one.merged_into);
  if (catalog) provide({ db, session, catalog, campaign, unit, made, cursors });
  return (
    <Frame
      demo={catalog?.demo}
      unit={(unit ?? units[0])?.name}
      practice={campaign?.practice}
      ended={session.ended}
      outdated={outdated}
    >
      {catalog ? (
        <Screen />
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
