// @vitest-environment happy-dom
// The list of tasks: what an officer owes, each with its day, and news from above with a dot until it was looked at.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { CATALOG, fill, ownWrite, phone } from "../../db/phone.testing";
import { lookedAt } from "../../db/queries";
import type { Db } from "../../db/schema";
import { Caches, Locks } from "../../platform/browser.testing";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { Tasks } from "./tasks";

beforeEach(() => {
  vi.stubGlobal("navigator", { onLine: true, userAgent: "test", locks: new Locks() });
  // It stays: what was asked of it ends after the test.
  Object.assign(globalThis, { caches: new Caches() });
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Draws them on a day of the campaign whose figures are due until 31/12/2029: the sorts of tasks in their order. */
async function drawn(db: Db, day: string, sorts: readonly string[]): Promise<void> {
  vi.setSystemTime(`${day}T09:00:00+07:00`);
  render(null, document.body);
  const [campaign, unit] = [CATALOG.campaigns[0], CATALOG.units[0]];
  const app = {
    db,
    catalog: CATALOG,
    here: "c",
    campaign,
    unit,
    session: {},
    cursors: [],
    left: [],
    made: {},
  };
  render(
    <AppContext.Provider value={app as unknown as App}>
      <Tasks />
    </AppContext.Provider>,
    document.body,
  );
  const labels = () =>
    [...document.querySelectorAll(".task-group")].map((one) => one.getAttribute("aria-label"));
  await until(() => expect(labels()).toEqual(sorts));
}

const give = () => document.querySelector("[aria-label=give]");

async function withNews(): Promise<Db> {
  const db = await phone({ meta: { catalog: CATALOG } });
  const told = ["c", -1, "d"] as const;
  const decision = {
    id: "d",
    verdict: "counted",
    reason: "",
    fields: [],
    by: "Huyện",
    at: 1,
    amended: false,
  };
  await fill(db, {
    writes: [ownWrite("r", { submitted: true, quantity: 1 })],
    records: [{ record: "r" }],
  });
  const row = await db.get("records", "r");
  if (row) await db.put("records", { ...row, number: "BR-1", decision, told } as never);
  return db;
}

it("figures stand last with their day, and first, as the main act, in the last three days and after", async () => {
  const db = await withNews();
  await drawn(db, "2029-12-20", ["news", "give"]);
  expect(give()?.textContent).toContain("task_due");
  expect(give()?.querySelector(".primary")).toBeNull();
  for (const day of ["2029-12-29", "2029-12-31", "2030-01-05"]) {
    await drawn(db, day, ["give", "news"]);
    expect(give()?.querySelector(".primary")?.textContent).toBe("give_go");
  }
  await drawn(db, "2029-12-28", ["news", "give"]);
  expect(give()?.querySelector(".primary")).toBeNull();
});

it("what came from above has a dot until it was looked at", async () => {
  const db = await withNews();
  await drawn(db, "2029-12-20", ["news", "give"]);
  expect(document.querySelector("[aria-label=news] .dot")?.getAttribute("aria-label")).toBe("news_dot");
  await lookedAt(db, "c");
  await drawn(db, "2029-12-20", ["give"]);
});
