// What goes beside the sync request: the catalogue and its files, the table of support (SPEC F-15).

import { afterEach, beforeEach, describe, expect, test as it, vi } from "vitest";
import { CATALOG, ownWrite, phone } from "../db/phone.testing";
import { meta } from "../db/schema";
import { hashOf } from "../platform/ids";
import { type Asked, serve } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { fetchFiles, fetchRegimes, refreshCatalog, sendByRoutes } from "./beside";

describe("the catalogue when its tag changed; files, kept once their hash is right", () => {
  let asked: readonly Asked[];

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
    expect(await meta(db, "totals")).toEqual({ "u c": { "=unsent": 1, "unsent banners": 3 } });
  });

  /** Files of this text each, in a campaign that is on or archived; their ids and hashes are made of the text. */
  async function campaign(texts: readonly string[], archived = false) {
    const file = async (text: string) => {
      const sha256 = await hashOf(new TextEncoder().encode(text).buffer);
      return { id: text, sha256, size_bytes: text.length, use: "script", title: text, type: "text/plain" };
    };
    return { ...CATALOG.campaigns[0], archived, files: await Promise.all(texts.map(file)) };
  }

  it("the smallest comes first; one that is damaged or gone is not kept, and not asked for again before a new start", async () => {
    const campaigns = [
      await campaign(["large file", "bad", "gone!", "ok"]),
      await campaign(["archived"], true),
    ];
    const db = await phone({ meta: { catalog: { ...CATALOG, campaigns } } });
    asked = serve(({ path }) => {
      if (path.endsWith("gone!")) return new Response(null, { status: 404 });
      return new Response(path.endsWith("bad") ? "dab" : path.replace("files/", ""));
    });
    await fetchFiles(db, "t");
    await fetchFiles(db, "t");
    expect(asked.map(({ path }) => path)).toEqual([
      "files/ok",
      "files/bad",
      "files/gone!",
      "files/large file",
    ]);
    const kept = (await db.getAll("bytes")).map((bytes) => new TextDecoder().decode(bytes));
    expect(kept.sort()).toEqual(["large file", "ok"]);
  });

  it("what fails on the way is asked for again with the next run", async () => {
    const campaigns = [await campaign(["later"])];
    const db = await phone({ meta: { catalog: { ...CATALOG, campaigns } } });
    asked = serve(() => (asked.length === 1 ? new Response(null, { status: 503 }) : new Response("later")));
    await expect(fetchFiles(db, "t")).rejects.toMatchObject({ status: 503 });
    await fetchFiles(db, "t");
    expect(await db.getAllKeys("bytes")).toHaveLength(1);
  });
});

describe("the table of support", () => {
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
});

describe("X-62: a server from before entries", () => {
  const reply = { record: "r", decision: "d", text: "Đã treo lại", at: 1 };
  const seal = { unit: "u", campaign: "c", shown: { s: 4 }, empty: false };
  const refused = { state: "refused", made: 1, code: "bad_write" } as const;
  const ENTRIES = [
    { ...refused, id: "answer", wire: { id: "answer", reply } },
    { ...refused, id: "figures", wire: { id: "figures", seal } },
  ];
  beforeEach(() => void newPage());
  afterEach(() => vi.unstubAllGlobals());

  it("gets answers and confirmed figures by the routes of then, once", async () => {
    const db = await phone({ meta: { catalog: CATALOG } });
    for (const entry of ENTRIES) await db.put("entries", entry);
    const asked = serve(() => Response.json({}));
    await sendByRoutes(db, "t");
    await sendByRoutes(db, "t");
    expect(asked.map(({ path }) => path)).toEqual(["records/r/reply", "figures/c/u"]);
    expect((await db.getAll("entries")).map(({ state }) => state)).toEqual(["stored", "stored"]);
  });

  it("says in its own words why it takes one not; what did not reach it waits, and goes by a push if it is newer then", async () => {
    const db = await phone({ meta: { catalog: CATALOG } });
    for (const entry of ENTRIES) await db.put("entries", entry);
    serve(({ path }) =>
      Response.json({ code: "no_decision" }, { status: path.startsWith("records") ? 409 : 503 }),
    );
    await expect(sendByRoutes(db, "t")).rejects.toMatchObject({ status: 503 });
    expect((await db.getAll("entries")).map(({ state, code }) => [state, code])).toEqual([
      ["refused", "no_decision"],
      ["pending", undefined],
    ]);
  });

  it("what was dropped while it was on its way stays dropped", async () => {
    const db = await phone({ meta: { catalog: CATALOG } });
    for (const entry of ENTRIES) await db.put("entries", entry);
    serve(() => {
      for (const { id } of ENTRIES) void db.delete("entries", id);
      return Response.json({ code: "no_decision" }, { status: 409 });
    });
    await sendByRoutes(db, "t");
    expect(await db.getAll("entries")).toEqual([]);
  });

  it("a server that knows them said what is wrong: nothing goes another way", async () => {
    const db = await phone({ meta: { catalog: { ...CATALOG, messages: true } } });
    for (const entry of ENTRIES) await db.put("entries", entry);
    const asked = serve(() => Response.json({}));
    await sendByRoutes(db, "t");
    expect(asked).toEqual([]);
  });
});
