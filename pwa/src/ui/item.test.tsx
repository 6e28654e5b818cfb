// @vitest-environment happy-dom
// What a record in a list says of how far it got.
import { render } from "preact";
import { afterEach, expect, test as it } from "vitest";
import { CATALOG, fill, ownWrite, phone } from "../db/phone.testing";
import en from "../i18n/en.json";
import { loadTexts } from "../i18n/text";
import { type App, AppContext } from "./app-context";
import { Chips } from "./item";

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
