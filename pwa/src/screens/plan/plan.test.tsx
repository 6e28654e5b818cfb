// @vitest-environment happy-dom
// The plan on home: by day everybody is still at it; in the evening it says what is missing, and of nobody that they are wrong.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import type { Kind } from "../../core/kind";
import { CATALOG, fill, KIND, ownWrite, phone } from "../../db/phone.testing";
import { Locks } from "../../platform/browser.testing";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { PlanCard } from ".";

beforeEach(() => {
  vi.stubGlobal("navigator", { onLine: true, userAgent: "test", locks: new Locks() });
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  render(null, document.body);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const KINDS = [
  { ...KIND, figures: [...KIND.figures, { code: "leaflets", label: {}, unit: {}, product: ["handed"] }] },
] as unknown as readonly Kind[];
const EXPECTED = [
  { figure: "banners", amount: 3 },
  { figure: "leaflets", amount: 500 },
];

/** The lines of the card at this time in Viet Nam, of a unit that put up its three banners and handed out so many leaflets. */
async function lines(time: string, handed: number): Promise<string[]> {
  vi.setSystemTime(`2029-12-01T${time}:00+07:00`);
  const [campaign, unit] = [{ ...CATALOG.campaigns[0], expected: EXPECTED }, CATALOG.units[0]];
  const catalog = { ...CATALOG, kinds: KINDS };
  const db = await phone({ meta: { catalog } });
  await fill(db, {
    writes: [ownWrite("r", { submitted: true, quantity: 3, handed })],
    records: [{ record: "r" }],
  });
  const app = { db, catalog, here: "c", campaign, unit, session: {}, cursors: [], left: [], made: {} };
  render(
    <AppContext.Provider value={app as unknown as App}>
      <PlanCard />
    </AppContext.Provider>,
    document.body,
  );
  await until(() => expect(document.querySelector(".plan-card")).not.toBeNull());
  return [...document.querySelectorAll(".item-text > span")].map(({ textContent }) => textContent ?? "");
}

it("what is missing is said from five in the evening on, and first then", async () => {
  const [first, second, ...more] = await lines("16:59", 20);
  expect(more).toEqual([]);
  render(null, document.body);
  expect(await lines("17:00", 20)).toEqual(["plan_lacking", second, first]);
});

it("where nothing is missing the evening says nothing", async () => {
  expect(await lines("21:00", 500)).toHaveLength(2);
});
