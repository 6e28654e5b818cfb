// Who uses this phone, what of theirs is still only on it, and the way to each: every one has a database of their own.
import { meta, openDevice } from "../../db/schema";
import { t } from "../../i18n/text";
import type { Session } from "../../officers/officer";
import { unsent, unsentRecords } from "../../officers/rescue";
import { officers, takeTurn } from "../../officers/session";
import { beginAnew } from "../../platform/page";
import { useLive } from "../../ui/live";
import { goInstead } from "../../ui/router";

export function Officers() {
  const all = useLive(async () => Promise.all((await officers()).map(held))) ?? [];
  return (
    <>
      <h1>{t("officers")}</h1>
      <ul class="items">
        {all.map(({ session, name, n }, nth) => (
          <li key={session.officer}>
            <button type="button" disabled={nth === 0} onClick={() => void takeTurn(session).then(toHome)}>
              {name} · {t(n ? "officer_unsent" : "status_nothing", { n })}
            </button>
          </li>
        ))}
      </ul>
      <footer class="settings">
        <a class="tap" href="#/enrol">
          {t("officer_add")}
        </a>
        <a class="tap" href="#/pin">
          {t("pin_choose")}
        </a>
        <a class="tap" href="#/leave">
          {t("leave")}
        </a>
      </footer>
    </>
  );
}

/** Nothing of the officer before is left in memory, once it holds nothing that is nowhere else: until then it waits there for them. */
function toHome(): void {
  if (!beginAnew(import.meta.env.BASE_URL)) goInstead("");
}

async function held(session: Session) {
  const n = unsentRecords(await unsent(await openDevice(session.database)));
  return { session, name: await nameOf(session), n };
}

/** With the unit, as the last catalogue says. */
export async function nameOf({ database }: Session): Promise<string> {
  const catalog = await meta(await openDevice(database), "catalog");
  return catalog
    ? [catalog.officer.name, ...catalog.units.slice(0, 1).map((unit) => unit.name)].join(" · ")
    : "";
}
