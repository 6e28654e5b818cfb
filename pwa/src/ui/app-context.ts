// What every screen of an enrolled phone works with.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { CursorRow } from "../core/protocol";
import type { Campaign, Catalog, Left, Unit } from "../db/catalog";
import type { Db } from "../db/schema";
import type { Session } from "../officers/officer";

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

export const AppContext = createContext<App | undefined>(undefined);

/** Throws where no officer is enrolled: such screens stand outside of the context. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("No officer is enrolled on this screen.");
  return app;
}
