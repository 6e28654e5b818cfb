// What every screen of an enrolled phone works with.
import { createContext, useContext } from "#view/context";
import type { Campaign, Catalog } from "../device/catalog";
import type { Db } from "../device/db";
import type { Session } from "../device/session";

export interface App {
  readonly db: Db;
  readonly session: Session;
  readonly catalog: Catalog;
  readonly campaign: Campaign | undefined;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("Drawn outside an enrolled app.");
  return app;
}
