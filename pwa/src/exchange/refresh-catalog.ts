// Fetches the catalogue when its tag changed.
import { byId, type Catalog } from "../db/catalog";
import { amend } from "../db/records";
import { type Db, meta } from "../db/schema";
import { officers, update } from "../officers/session";
import { now } from "../platform/clock";
import { call } from "../platform/http";

/** Called when the server names another tag than the one held. With other kinds all sums are other ones. */
export async function refreshCatalog(db: Db, token: string): Promise<void> {
  const catalog: Catalog = await (await call(token, "catalog")).json();
  const { officer, rescue_key } = catalog;
  const mine = (await officers()).find((one) => one.officer === officer.id);
  if (rescue_key && rescue_key !== mine?.rescue_key)
    await update({ officer: officer.id, token }, { rescue_key });
  await amend(db, async (tx) => {
    const before = ((await meta(tx, "catalog"))?.units ?? []).map((unit) => ({ ...unit, left_at: now() }));
    const left = [...before, ...((await meta(tx, "left")) ?? [])].filter(
      ({ id }) => !byId(catalog.units, id),
    );
    await tx.put("meta", left, "left");
    await tx.put("meta", catalog, "catalog");
    await tx.delete("meta", "totals");
  });
}
