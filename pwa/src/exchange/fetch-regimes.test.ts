// SPEC F-15: what the catalogue names is fetched once, kept, and let go when the server has it no more.
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { CATALOG, phone } from "../db/phone.testing";
import { meta } from "../db/schema";
import { serve } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { fetchRegimes } from "./fetch-regimes";

beforeEach(() => {
  newPage();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function held(version: string) {
  return { version, lines: [] };
}

it("another version than is held is fetched, the same one is not", async () => {
  const db = await phone({ meta: { catalog: { ...CATALOG, regimes: "b" }, regimes: held("a") } });
  const asked = serve(() => Response.json(held("b")));
  await fetchRegimes(db, "t");
  await fetchRegimes(db, "t");
  expect(asked.map(({ path }) => path)).toEqual(["regimes"]);
  expect(await meta(db, "regimes")).toEqual(held("b"));
});

it("what cannot be had leaves the version that is held", async () => {
  const db = await phone({ meta: { catalog: { ...CATALOG, regimes: "b" }, regimes: held("a") } });
  serve(() => new Response(null, { status: 503 }));
  await expect(fetchRegimes(db, "t")).rejects.toMatchObject({ status: 503 });
  expect(await meta(db, "regimes")).toEqual(held("a"));
});

it("where the server has none, the app's own table holds; an older server is not asked", async () => {
  const asked = serve(() => Response.json(held("")));
  const none = await phone({ meta: { catalog: { ...CATALOG, regimes: "" }, regimes: held("a") } });
  await fetchRegimes(none, "t");
  expect(await meta(none, "regimes")).toBeUndefined();
  await fetchRegimes(await phone({ meta: { catalog: CATALOG } }), "t");
  expect(asked).toEqual([]);
});
