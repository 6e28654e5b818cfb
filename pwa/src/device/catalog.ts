// All a phone needs offline to record: units, campaigns, kinds. Held whole in the database, fetched when its tag changed.
import type { Kind } from "../sync/kind";
import { changed } from "./bus";
import type { Db } from "./db";
import { call } from "./hub";

export interface Unit {
  readonly id: string;
  readonly name: string;
  readonly short_name: string;
  readonly parent_name?: string | null;
  readonly stations: readonly string[];
  readonly hamlets: readonly string[];
  /** The name of its successor: no new records are made for it (SPEC L-6). */
  readonly merged_into: string | null;
}

export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly practice: boolean;
  readonly archived: boolean;
  /** Ended: what comes now is late (L-4). */
  readonly closed: boolean;
  readonly due_before: string | null;
  readonly slogans: readonly { readonly id: string; readonly text: string }[];
  readonly kinds: readonly string[];
}

export interface Catalog {
  readonly etag: string;
  readonly demo: boolean;
  readonly officer: { readonly id: string; readonly name: string; readonly mark: string };
  readonly units: readonly Unit[];
  readonly campaigns: readonly Campaign[];
  readonly kinds: readonly Kind[];
}

/** Called when the hub names another tag than the one held. */
export async function refreshCatalog(db: Db, token: string): Promise<void> {
  const catalog: Catalog = await (await call(token, "catalog")).json();
  await db.put("meta", catalog, "catalog");
  changed();
}
