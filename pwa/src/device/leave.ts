// An officer leaves this phone: what was kept for them goes, whoever else uses it keeps theirs.
import type { Db } from "./db";
import { thumbsOf } from "./pictures";
import { forget, type Session } from "./session";
import { trayOf } from "./tray";
import { forgetLost, KEPT } from "./unsent";

export async function leave(db: Db, session: Session): Promise<void> {
  await forget(session);
  await caches.delete(thumbsOf(db));
  await caches.delete(trayOf(db.name));
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
