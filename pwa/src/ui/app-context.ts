// What every screen of an enrolled phone works with.
import type { Campaign, Catalog, Left, Unit } from "../device/catalog";
import type { CursorRow, Db } from "../device/db";
import type { Session } from "../device/session";

export interface App {
  readonly db: Db;
  readonly session: Session;
  readonly catalog: Catalog;
  readonly campaign: Campaign | undefined;
  /** Its id, or nothing. */
  readonly here: string;
  /** The one that new records are made for: the first that stands (SPEC L-6). */
  readonly unit: Unit | undefined;
  /** Those this officer has no more. */
  readonly left: readonly Left[];
  /** How many records of each kind this phone made. */
  readonly made: Readonly<Record<string, number>>;
  readonly cursors: readonly CursorRow[];
}

let app: App;

/** There is one app on the page; who draws the screens says before what it is. */
export function provide(present: App): void {
  app = present;
}

export function useApp(): App {
  return app;
}
