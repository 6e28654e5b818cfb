// @vitest-environment happy-dom
// SPEC F-39: the question for a whole kind, and what its undo brings back.
import { readFileSync } from "node:fs";
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import type { Kind } from "../../core/kind";
import { value } from "../../core/record";
import { CATALOG, phone } from "../../db/phone.testing";
import { saveDraft } from "../../outbox/save";
import { Locks } from "../../platform/browser.testing";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { useNotice } from "../../ui/notice";
import { KindAnswers } from "./kind-answers";

vi.mock("../../exchange/triggers", () => ({ exchangeNow: () => undefined }));

const BANNER: Kind = JSON.parse(readFileSync("../sync/kinds/banner.json", "utf8"));

function Offered() {
  const [{ offer }] = useNotice();
  return offer ? (
    <button type="button" onClick={offer.act}>
      {offer.label}
    </button>
  ) : null;
}

beforeEach(() => vi.stubGlobal("navigator", { onLine: false, userAgent: "test", locks: new Locks() }));
afterEach(() => {
  render(null, document.body);
  vi.unstubAllGlobals();
});

it("undo brings back the answer of before, not none", async () => {
  const catalog = { ...CATALOG, kinds: [BANNER] };
  const db = await phone({ meta: { catalog } });
  const making = { id: "w", record: "r", kind: "banner", unit: "u", campaign: "c", corrects: [] };
  await saveDraft(db, making, { set: { quantity: 1, submitted: true }, seen: [] });
  const app = { db, catalog, here: "c", campaign: { archived: false }, unit: { id: "u" } } as unknown as App;
  await act(() =>
    render(
      <AppContext.Provider value={app}>
        <KindAnswers all={true} />
        <Offered />
      </AppContext.Provider>,
      document.body,
    ),
  );
  const press = async (label: string) => {
    const found = () => [...document.querySelectorAll("button")].find((one) => one.textContent === label);
    await until(() => expect(found()).toBeDefined());
    await act(() => void found()?.click());
  };
  const says = (answer: boolean) =>
    until(async () =>
      expect(value((await db.get("records", "r"))?.view.fields ?? {}, "hotline")).toBe(answer),
    );
  await press("yes");
  await says(true);
  await until(() => expect(document.querySelector("[aria-pressed=true]")?.textContent).toBe("yes"));
  await press("no");
  await says(false);
  await press("undo");
  await says(true);
});
