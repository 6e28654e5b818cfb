// The trip of a tap on "Lưu", from saving to landed (SPEC X-10): how many files of the app it enters, counted as it runs by V8. Whoever
// follows it reads these. Screens are left out, which draw what it did.
import { Session } from "node:inspector/promises";
import { afterEach, expect, test as it, vi } from "vitest";
import { CATALOG, fill } from "../db/phone.testing";
import { openDevice } from "../db/schema";
import { SyncServer } from "../exchange/server.testing";
import { beginSession } from "../officers/session";
import { lines, serve } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { until } from "../platform/until.testing";
import { saveDraft } from "./save";

const MOST = 25;

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Files of which a function was called while `work` was done; what a file does when it is loaded counts nothing. */
async function entered(work: () => Promise<void>): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await session.post("Profiler.takePreciseCoverage");
  await work();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  return result
    .filter(({ functions }) => functions.some((one) => one.functionName && (one.ranges[0]?.count ?? 0) > 0))
    .flatMap(({ url }) => /\/pwa\/src\/([^?]+)/.exec(url)?.[1] ?? [])
    .filter((path) => !/\.(test|testing)\./.test(path))
    .sort();
}

it(`a tap on "Lưu" enters at most ${MOST} files until the write has landed`, async () => {
  newPage();
  const server = new SyncServer();
  let answered = 0;
  serve(({ said }) => {
    answered += 1;
    return lines(server.answer(said));
  });
  const { exchangeNow, runningNow } = await import("../exchange/triggers");
  await beginSession({ officer: "o", token: "t", device: "trip", rescue_key: "" });
  const db = await openDevice("loa-trip");
  await fill(db, { meta: { catalog: CATALOG } });
  const ended = () => until(() => expect(runningNow()).toBe("idle"));
  const landed = async () => expect((await db.getAll("writes"))[0]?.state).toBe("landed");
  // A page that has sent before has all parts of the app.
  exchangeNow();
  await until(() => expect(answered).toBeGreaterThan(0));
  await ended();
  const files = await entered(async () => {
    const on = { id: "w", record: "w", kind: "banner", unit: "u", campaign: "c", corrects: [] };
    await saveDraft(db, on, { set: { hamlet: "A", quantity: 2, submitted: true }, seen: [] });
    exchangeNow();
    await until(landed);
    await ended();
  });
  expect(server.stored).toEqual(["w"]);
  // Else nothing would be counted.
  expect(files).toEqual(
    expect.arrayContaining(["outbox/save.ts", "exchange/reducer.ts", "exchange/apply.ts"]),
  );
  expect(files.length, files.join("\n")).toBeLessThanOrEqual(MOST);
});
