// Which files may go now: originals wait where the officer wants no mobile data spent on them, and while the battery is
// nearly empty. Text and thumbnails always go: a record is never held back.
import { type Db, meta, type UploadRow } from "../db/schema";
import { batteryLow, costs } from "../platform/network";
import { waitingUploads } from "./upload";

/** Why originals wait. */
export type Holding = "wifi" | "battery" | "";

export async function holding(db: Db): Promise<Holding> {
  if ((await meta(db, "wifi_only")) && costs()) return "wifi";
  return (await batteryLow()) ? "battery" : "";
}

/** In the order of going. */
export async function allowedUploads(db: Db): Promise<UploadRow[]> {
  const rows = await waitingUploads(db);
  return rows.length > 0 && (await holding(db)) ? rows.filter(({ role }) => role === "thumb") : rows;
}
