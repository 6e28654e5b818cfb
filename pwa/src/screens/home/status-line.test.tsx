// @vitest-environment happy-dom
// The status line counts photos and PDF files apart, in both languages.
import { render } from "preact";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { fill, ownWrite, phone } from "../../db/phone.testing";
import type { Db } from "../../db/schema";
import en from "../../i18n/en.json";
import { loadTexts } from "../../i18n/text";
import vietnamese from "../../i18n/vi.json";
import { until } from "../../platform/until.testing";
import { type App, AppContext } from "../../ui/app-context";
import { StatusLine } from "./status-line";

let db: Db;

beforeEach(async () => {
  db = await phone();
});
afterEach(async () => {
  render(null, document.body);
  // Tests share what was loaded: others read the keys.
  await speak({});
  vi.unstubAllGlobals();
});

/** The sentences as they stand in the page. */
async function speak(table: object): Promise<void> {
  vi.stubGlobal("localStorage", { getItem: () => null });
  const script = Object.assign(document.createElement("script"), {
    id: "sentences",
    type: "application/json",
  });
  script.textContent = JSON.stringify([table, {}, {}]);
  document.head.replaceChildren(script);
  await loadTexts();
}

function file(record: string, field: string, state: string, role = "full"): object {
  return { sha256: `${record}${field}${role}`, record, field, role, state };
}

/** A record whose text the server has, and whose files in `uploads` it does not have yet. */
async function received(record: string, ...uploads: object[]): Promise<void> {
  const value = { sha256: "a" };
  const write = ownWrite(record, { "photos/a": value, "documents/a": value }, { state: "stored" });
  await fill(db, { writes: [write], uploads });
  await fill(db, { records: [{ record }] });
}

async function line(): Promise<string> {
  const value = { db } as unknown as App;
  render(
    <AppContext.Provider value={value}>
      <StatusLine />
    </AppContext.Provider>,
    document.body,
  );
  await until(() => expect(document.querySelector("a")).not.toBeNull());
  return document.body.textContent ?? "";
}

it("a PDF alone is no photo", async () => {
  await received("a", file("a", "documents/a", "waiting"));
  await speak(vietnamese);
  expect(await line()).toBe("1 tệp PDF chờ gửi · 1 đã gửi, còn tệp PDF");
  render(null, document.body);
  await speak(en);
  expect(await line()).toBe("1 PDF file waiting · 1 sent, PDF files to come");
});

it("what is sent lacks only its own files, not those of a record that waits", async () => {
  await received("a", file("a", "documents/a", "waiting"));
  await fill(db, {
    writes: [ownWrite("b", { "photos/a": { sha256: "a" } })],
    uploads: [file("b", "photos/a", "waiting")],
  });
  await fill(db, { records: [{ record: "b" }] });
  await speak(vietnamese);
  expect(await line()).toBe("1 chờ gửi · 1 ảnh, 1 tệp PDF chờ gửi · 1 đã gửi, còn tệp PDF");
});

it("photos are counted with their thumbnails as one, and PDF files beside them", async () => {
  await received(
    "a",
    file("a", "photos/a", "waiting", "thumb"),
    file("a", "photos/a", "waiting"),
    file("a", "documents/a", "sent"),
  );
  await received("b", file("b", "photos/a", "waiting"));
  await speak(vietnamese);
  expect(await line()).toBe("2 ảnh chờ gửi · 1 tệp PDF đã gửi, chờ kiểm tra · 2 đã gửi, còn ảnh, tệp PDF");
});

it("figures that were confirmed without a network count as not sent, and are no answer to a return", async () => {
  const seal = { unit: "u", campaign: "c", shown: {}, empty: false };
  await db.put("entries", { id: "e", state: "pending", made: 1, wire: { id: "e", seal } });
  await speak(vietnamese);
  expect(await line()).toBe("số liệu đã xác nhận chờ gửi");
});

it("H-1: what cannot be sent is not said to wait, neither words nor confirmed figures", async () => {
  const seal = { unit: "u", campaign: "c", shown: {}, empty: false };
  const said = { record: "r", text: "Có cần chụp thêm?", at: 1 };
  const entries = (["refused", "refused", "pending", "stored"] as const).map((state, made) => ({
    ...{ id: `${made}`, state, made, wire: { id: `${made}`, message: said } },
  }));
  await fill(db, { entries: [...entries, { id: "s", state: "refused", made: 9, wire: { id: "s", seal } }] });
  await speak(vietnamese);
  expect(await line()).toBe(
    "2 câu hỏi, trả lời không gửi được · số liệu đã xác nhận không gửi được · 1 câu hỏi, trả lời chờ gửi",
  );
  render(null, document.body);
  await speak(en);
  expect(await line()).toBe(
    "2 questions and answers that cannot be sent · confirmed figures that cannot be sent · 1 question or answer to send",
  );
});
