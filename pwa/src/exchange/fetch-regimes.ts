// Versions of the table of support, fetched when the catalogue names another one than is held (SPEC F-15). Without them the
// app's own table is shown.
import { type Db, meta } from "../db/schema";
import { changed } from "../platform/changed";
import { call } from "../platform/http";

export async function fetchRegimes(db: Db, token: string): Promise<void> {
  const named = (await meta(db, "catalog"))?.regimes;
  if (named === undefined || named === ((await meta(db, "regimes"))?.version ?? "")) return;
  if (named) await db.put("meta", await (await call(token, "regimes")).json(), "regimes");
  else await db.delete("meta", "regimes");
  changed();
}
