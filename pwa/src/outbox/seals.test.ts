// Figures that are confirmed wait like writes, over the sheet that was shown last.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { phone } from "../db/phone.testing";
import type { Sheet } from "../db/schema";
import { newPage } from "../platform/stand-ins.testing";
import { keepSeal, keepSheet, sealOf, sheetOf } from "./seals";
import { dropEntry } from "./words";

beforeEach(() => void newPage());
afterEach(() => vi.unstubAllGlobals());

const SHEET = { shown: { s: 4 }, basis: "b", submitted: 2 } as unknown as Sheet;

it("X-65: what the server sent last is there without a network, and says when it came", async () => {
  const db = await phone();
  expect(await sheetOf(db, "figures/c/u")).toBeNull();
  await keepSheet(db, "figures/c/u", SHEET);
  expect(await sheetOf(db, "figures/c/u")).toMatchObject({ ...SHEET, told_at: expect.any(Number) });
  expect(await sheetOf(db, "figures/c/other")).toBeNull();
});

it("X-65: one that was refused gives way to the next", async () => {
  const db = await phone();
  const seal = { unit: "u", campaign: "c", shown: { s: 4 }, empty: false, current: true, prepared_by: "An" };
  await keepSeal(db, seal);
  const first = await sealOf(db, "u", "c");
  expect(first).toMatchObject({ state: "pending", wire: { seal } });
  if (first) await db.put("entries", { ...first, state: "refused", code: "seal_again" });
  await keepSeal(db, { ...seal, shown: { s: 5 } });
  expect(await db.getAll("entries")).toHaveLength(1);
  expect(await sealOf(db, "u", "c")).toMatchObject({ state: "pending", wire: { seal: { shown: { s: 5 } } } });
});

it("X-62: one that was stored while somebody was asked whether to discard it stays for a restore", async () => {
  const db = await phone();
  await keepSeal(db, { unit: "u", campaign: "c", shown: {}, empty: true });
  const asked = await sealOf(db, "u", "c");
  if (!asked) throw new Error("none is kept");
  await db.put("entries", { ...asked, state: "stored" });
  await dropEntry(db, asked.id);
  expect(await db.getAll("entries")).toMatchObject([{ state: "stored" }]);
  await db.put("entries", asked);
  await dropEntry(db, asked.id);
  expect(await db.getAll("entries")).toEqual([]);
});
