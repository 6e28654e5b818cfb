// An officer leaves this phone: what was kept for them goes, whoever else uses it keeps theirs.
import type { Db } from "../../db/schema";
import type { Session } from "../../officers/officer";
import { beginLeaving, finishLeaving } from "../../officers/session";

export async function leavePhone(db: Db, session: Session): Promise<void> {
  await beginLeaving(session);
  db.close();
  // What cannot be cleared now is cleared at a later start (app.tsx).
  await finishLeaving().catch(() => undefined);
  startAnew();
}

/** Nothing of the officer before is left in memory. */
export function startAnew(): void {
  location.replace(import.meta.env.BASE_URL);
}
