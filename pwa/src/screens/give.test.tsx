// @vitest-environment happy-dom
// Figures are confirmed on the phone, drawn as a page draws them.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { CATALOG, fill, phone } from "../db/phone.testing";
import type { Db } from "../db/schema";
import { Locks } from "../platform/browser.testing";
import { serve, unreached } from "../platform/server.testing";
import { until } from "../platform/until.testing";
import { type App, AppContext } from "../ui/app-context";
import { GiveScreen } from "./give";

let db: Db;
/** Ends the question that is on its way. */
let answer: (response: Response) => void;

beforeEach(async () => {
  db = await phone();
  vi.stubGlobal("navigator", { onLine: true, userAgent: "test", locks: new Locks() });
});
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

/** What the server has with so many banners. */
function sheet(counted: number) {
  const figures = [{ code: "banners", nil: false, counted, waiting: 0, returned: 0 }];
  const before = { sealed_at: null, sealed_by: "", drafts: 0, conflicts: 0 };
  return { ...before, shown: { s: counted }, basis: `b${counted}`, submitted: counted, fresh: true, figures };
}

/** On a phone that was sent `counted` before. */
async function draw(counted: number): Promise<void> {
  const [unit, campaign] = [CATALOG.units[0], CATALOG.campaigns[0]];
  await fill(db, {
    meta: { catalog: CATALOG, sheets: { "figures/c/u": { ...sheet(counted), told_at: 1 } } },
  });
  const app = { db, session: { token: "t" }, catalog: CATALOG, unit, campaign } as unknown as App;
  render(
    <AppContext.Provider value={app}>
      <GiveScreen />
    </AppContext.Provider>,
    document.body,
  );
  await until(() => expect(shown()).toBe(`${counted}`));
  await until(() => expect(give()).toBeDefined());
}

const shown = () => document.querySelector("dd b")?.textContent;
const give = () => [...document.querySelectorAll("button")].find((one) => one.textContent === "give");
const dialog = () => document.querySelector("dialog");
const said = (role: string) =>
  [...document.querySelectorAll(`[role=${role}]`)].map((one) => one.textContent?.trim());

it("L-2: what the server sent before is dated until it answers", async () => {
  serve(() => new Promise((resolve) => (answer = resolve)));
  await draw(40);
  expect(said("status")).toEqual(["give_asking give_told"]);
  answer(Response.json(sheet(40)));
  await until(() => expect(said("status")).toEqual([]));
  expect(document.querySelector(".alert")).toBeNull();
});

it("L-2: where it is not reached the date stays", async () => {
  serve(unreached);
  await draw(40);
  await until(() => expect(document.body.textContent).toContain("give_as_of"));
  expect(said("status")).toEqual([]);
});

it("L-2: nobody confirms other figures than the question was asked of", async () => {
  serve(({ path }) =>
    path.startsWith("figures") ? new Promise((resolve) => (answer = resolve)) : unreached(),
  );
  await draw(40);
  const leader = document.querySelectorAll("input")[1] as HTMLInputElement;
  leader.value = "Lê Thị B";
  leader.dispatchEvent(new Event("input", { bubbles: true }));
  give()?.click();
  await until(() => expect(dialog()).not.toBeNull());
  answer(Response.json(sheet(12)));
  await until(() => expect(shown()).toBe("12"));
  await until(() => expect(dialog()).toBeNull());
  expect(said("alert")).toEqual(["give_again"]);
  give()?.click();
  await until(() => expect(dialog()).not.toBeNull());
  dialog()?.querySelector<HTMLButtonElement>(".danger")?.click();
  await until(async () => expect(await db.getAll("entries")).toHaveLength(1));
  const [entry] = await db.getAll("entries");
  expect(entry?.wire).toMatchObject({ seal: { basis: "b12", shown: { s: 12 }, approved_by: "Lê Thị B" } });
  await until(() => expect(said("alert")).toEqual([]));
});
