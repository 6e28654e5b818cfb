// What goes beside the sync request: the catalogue and the files that it names, versions of the table of support.
import { byId, type Catalog } from "../db/catalog";
import { amend } from "../db/records";
import { type Db, type EntryRow, meta } from "../db/schema";
import { officers, update } from "../officers/session";
import { changed } from "../platform/changed";
import { now } from "../platform/clock";
import { call, endsRun, type Fetch, Problem, post } from "../platform/http";
import { hashOf } from "../platform/ids";

/** Fetches the catalogue. Called when the server names another tag than the one held. With other kinds all sums are other ones. */
export async function refreshCatalog(db: Db, token: string, via?: Fetch): Promise<void> {
  const catalog: Catalog = await (await call(token, "catalog", {}, via)).json();
  const { officer, rescue_key } = catalog;
  const mine = (await officers()).find((one) => one.officer === officer.id);
  if (rescue_key && mine && rescue_key !== mine.rescue_key)
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

/** What came damaged or was not found is not asked for again before the app starts anew. */
const tried = new Set<string>();

/**
 * Fetches the campaigns' files, so that they are read without a network: behind everything else, the smallest first, one
 * at a time, and kept once their hash is right. Nothing waits for them.
 */
export function fetchFiles(
  db: Db,
  token: string,
  via?: Fetch,
  locks: Locks = navigator.locks,
): Promise<void> {
  return locks.request("loa-files", { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    const held = new Set(await db.getAllKeys("bytes"));
    const campaigns = (await meta(db, "catalog"))?.campaigns.filter((one) => !one.archived) ?? [];
    const files = campaigns.flatMap((one) => one.files ?? []).sort((a, b) => a.size_bytes - b.size_bytes);
    for (const { id, sha256 } of files) {
      if (held.has(sha256) || tried.has(id)) continue;
      const answer = await call(token, `files/${id}`, {}, via).catch((error: unknown) => {
        if (error instanceof Problem && error.status === 404) return null;
        throw error;
      });
      tried.add(id);
      const bytes = await answer?.arrayBuffer();
      if (!bytes || (await hashOf(bytes)) !== sha256) continue;
      await db.put("bytes", bytes, sha256);
      changed();
    }
  });
}

/** As much of a browser's as is asked for here. */
export interface Locks {
  request<T>(
    name: string,
    options: LockOptions,
    work: (lock: { readonly name: string } | null) => T | Promise<T>,
  ): Promise<T>;
}

/** Versions of the table of support, when the catalogue names another one than is held (SPEC F-15). Without them the app's own holds. */
export async function fetchRegimes(db: Db, token: string, via?: Fetch): Promise<void> {
  const named = (await meta(db, "catalog"))?.regimes;
  if (named === undefined || named === ((await meta(db, "regimes"))?.version ?? "")) return;
  if (named) await db.put("meta", await (await call(token, "regimes", {}, via)).json(), "regimes");
  else await db.delete("meta", "regimes");
  changed();
}

/**
 * A server from before entries answers each as one bad item: answers to returns and confirmed figures go there by the routes of
 * then. Its catalogue names no messages; none is made for it. Until the route has answered the entry waits like any other, so a bad line
 * or an update of the server leaves nothing refused for good.
 */
export async function sendByRoutes(db: Db, token: string, via?: Fetch): Promise<void> {
  if ((await meta(db, "catalog"))?.messages) return;
  for (const row of await db.getAll("entries", "state", "refused")) {
    const route = byRoute(row);
    if (row.code !== "bad_write" || !route) continue;
    await turn(db, row.id, "refused", { state: "pending", code: undefined });
    try {
      await post(token, ...route, via);
      await turn(db, row.id, "pending", { state: "stored", stored_at: now() });
    } catch (error) {
      if (!(error instanceof Problem) || endsRun(error) || error.status >= 500) throw error;
      await turn(db, row.id, "pending", { state: "refused", code: error.code });
    }
    changed();
  }
}

/** What the officer dropped or wrote anew meanwhile stays so. */
function turn(db: Db, id: string, from: EntryRow["state"], to: Partial<EntryRow>): Promise<void> {
  return amend(db, async (tx) => {
    const entry = await tx.get("entries", id);
    if (entry?.state === from) await tx.put("entries", { ...entry, ...to });
  });
}

/** A question has no route there. */
function byRoute({ id, wire }: EntryRow): [string, object] | undefined {
  if ("seal" in wire) return [`figures/${wire.seal.campaign}/${wire.seal.unit}`, wire.seal];
  if ("message" in wire) return undefined;
  const { record, ...said } = wire.reply;
  return [`records/${record}/reply`, { id, ...said }];
}
