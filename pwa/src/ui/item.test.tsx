// @vitest-environment happy-dom
// What a record in a list says of how far it got.
import { render } from "preact";
import { afterEach, expect, test as it } from "vitest";
import type { Kind } from "../core/kind";
import { CATALOG, fill, ownWrite, phone } from "../db/phone.testing";
import type { RecordRow } from "../db/schema";
import en from "../i18n/en.json";
import { loadTexts } from "../i18n/text";
import { type App, AppContext } from "./app-context";
import { Chips, Item } from "./item";

afterEach(async () => {
  render(null, document.body);
  // Tests share what was loaded: others read the keys.
  await speak({});
});

async function speak(table: object): Promise<void> {
  const script = Object.assign(document.createElement("script"), {
    id: "sentences",
    type: "application/json",
  });
  script.textContent = JSON.stringify([table, {}, {}]);
  document.head.replaceChildren(script);
  await loadTexts();
}

it("H-1: a record whose photo is verified lacks its PDF alone", async () => {
  await speak(en);
  const db = await phone();
  const set = { "photos/a": { sha256: "a" }, "documents/b": { sha256: "b" } };
  const upload = (field: string, state: string) => ({
    record: "r",
    field,
    state,
    sha256: field,
    role: "full",
  });
  const uploads = [upload("photos/a", "verified"), upload("documents/b", "waiting")];
  await fill(db, { writes: [ownWrite("r", set, { state: "stored" })], uploads });
  await fill(db, { records: [{ record: "r" }] });
  const row = await db.get("records", "r");
  if (!row) throw new Error("no record");
  const app = { db, catalog: CATALOG, cursors: [], left: [] } as unknown as App;
  render(
    <AppContext.Provider value={app}>
      <Chips row={row} />
    </AppContext.Provider>,
    document.body,
  );
  expect(document.querySelector(".received")?.textContent).toBe("Sent, PDF files to come");
});

it("F-30: a list says all that a record adds, metres too; of one that is counted what is counted, of one in no share nothing", async () => {
  const label = (vi: string) => ({ vi, en: vi });
  const figures = [
    { code: "banners", label: label("Banners"), unit: label("pieces"), product: ["quantity"] },
    {
      ...{ code: "metres", label: label("Length"), unit: label("m"), scale: 2 },
      terms: [{ length_cm: 1, metres: 100 }],
    },
  ];
  await speak({ ...en, adds_record: "Adds {what}" });
  const catalog = { ...CATALOG, kinds: [{ ...(CATALOG.kinds[0] as Kind), figures }] };
  const db = await phone({ meta: { catalog } });
  const writes = [ownWrite("r", { submitted: true, quantity: 2, length_cm: 1250 })];
  await fill(db, { writes, records: [{ record: "r" }] });
  const row = await db.get("records", "r");
  if (!row) throw new Error("no record");
  const app = { db, catalog, unit: catalog.units[0], cursors: [], left: [] } as unknown as App;
  const shown = (one: RecordRow) => {
    render(
      <AppContext.Provider value={app}>
        <Item row={one} />
      </AppContext.Provider>,
      document.body,
    );
    return document.querySelector("small")?.textContent ?? "";
  };
  expect(shown(row)).toBe("Adds Banners 2 pieces · Length 12,5 m");
  const counted = { decision: "d", values: { quantity: 1, metres: 9 } };
  expect(shown({ ...row, counted })).toBe("Adds Banners 1 pieces · Length 9 m");
  expect(shown({ ...row, view: { ...row.view, state: "not_counted" } })).toBe("");
});
