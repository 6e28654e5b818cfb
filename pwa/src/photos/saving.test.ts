// Originals wait for a network that costs nothing, and for power; thumbnails and text go.
import { afterEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import { allowedUploads, holding } from "./upload";

afterEach(() => vi.unstubAllGlobals());

const upload = (sha256: string, role: "thumb" | "full") => ({
  ...{ sha256, role, record: "r", field: "photos/a", stream: "u c", size_bytes: 4, sent_bytes: 0 },
  state: "waiting",
});

async function gone(navigator: object, meta: Record<string, unknown>): Promise<[string, string[]]> {
  vi.stubGlobal("navigator", navigator);
  const db = await phone({ uploads: [upload("a", "full"), upload("b", "thumb")], meta });
  return [await holding(db), (await allowedUploads(db)).map(({ role }) => role)];
}

const battery = (level: number, charging = false) => ({ getBattery: async () => ({ level, charging }) });
const cellular = { connection: { type: "cellular" } };

it.each<[string, object, Record<string, unknown>, string, string[]]>([
  ["a browser that tells nothing", {}, { wifi_only: true }, "", ["thumb", "full"]],
  ["mobile data that may be used", cellular, {}, "", ["thumb", "full"]],
  ["mobile data that may not", cellular, { wifi_only: true }, "wifi", ["thumb"]],
  ["Wi-Fi", { connection: { type: "wifi" } }, { wifi_only: true }, "", ["thumb", "full"]],
  ["an empty battery", battery(0.1), {}, "battery", ["thumb"]],
  ["one that is charging", battery(0.1, true), {}, "", ["thumb", "full"]],
  ["enough power", battery(0.5), {}, "", ["thumb", "full"]],
])("with %s", async (_, navigator, meta, why, roles) => {
  expect(await gone(navigator, meta)).toEqual([why, roles]);
});
