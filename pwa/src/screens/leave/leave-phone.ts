// An officer leaves this phone: what was kept for them goes, whoever else uses it keeps theirs.
import { thumbsOf } from "../../db/device";
import type { Db } from "../../db/schema";
import { forgetLost, KEPT } from "../../db/unsent";
import type { Session } from "../../officers/officer";
import { forgetSession } from "../../officers/session";
import { trayOf } from "../../photos/tray";

export async function leavePhone(db: Db, session: Session): Promise<void> {
  await forgetSession(session);
  await caches.delete(thumbsOf(db));
  await caches.delete(trayOf(db));
  forgetLost([KEPT + db.name]);
  db.close();
  await new Promise((done) => {
    indexedDB.deleteDatabase(db.name).onsuccess = done;
  });
  startAnew();
}

/** Nothing of the officer before is left in memory. */
export function startAnew(): void {
  location.replace(import.meta.env.BASE_URL);
}
