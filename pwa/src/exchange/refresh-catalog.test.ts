import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { CATALOG, ownWrite, phone } from "../db/phone.testing";
import { meta } from "../db/schema";
import { serve } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { refreshCatalog } from "./refresh-catalog";

beforeEach(() => {
  newPage();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it("a unit that an officer has no more is remembered, until they have it again; sums are reckoned by the new kinds", async () => {
  const db = await phone({
    records: [{ record: "a" }],
    writes: [ownWrite("a", { quantity: 3, submitted: true })],
    meta: { catalog: CATALOG },
  });
  const [unit] = CATALOG.units;
  let units: unknown[] = [{ ...unit, id: "other" }];
  serve(() => Response.json({ ...CATALOG, etag: "new", units }));
  await refreshCatalog(db, "t");
  expect(await meta(db, "left")).toMatchObject([{ id: "u", left_at: expect.any(Number) }]);
  // L-10: what is still here of it counts in nobody's plan.
  expect(await meta(db, "totals")).toEqual({});
  units = [unit];
  await refreshCatalog(db, "t");
  expect(await meta(db, "left")).toMatchObject([{ id: "other" }]);
  expect(await meta(db, "totals")).toEqual({ c: { "=unsent": 1, "unsent banners": 3 } });
});
