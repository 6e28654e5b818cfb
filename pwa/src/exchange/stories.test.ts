// The stories of sync/vectors/clients.json, which `loa conform` plays for other clients: this app keeps the same rules.

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test as it, vi } from "vitest";
import { isWhole } from "../core/code";
import { ownWrite } from "../db/phone.testing";
import type { Db } from "../db/schema";
import { lines, serve, unreached } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { officer, Tab, wrote } from "./officer.testing";

// biome-ignore lint/suspicious/noExplicitAny: a story is JSON
type Json = any;
const VECTORS = new URL("../../../sync/vectors/clients.json", import.meta.url);
const CONTENT = JSON.parse(readFileSync(VECTORS, "utf8"));
const DAY_MS = 86_400_000;
/** Whoever syncs waits (triggers.test.ts); the exchange itself does not. */
const ELSEWHERE = ["a server that is busy"];

class Names {
  readonly values: Record<string, Json> = { unit: "u", campaign: "c" };

  fill(said: Json): Json {
    if (Array.isArray(said)) return said.map((item) => this.fill(item));
    if (typeof said === "string") return this.#text(said);
    if (said === null || typeof said !== "object") return said;
    if (said.$text) return said.$text[0].repeat(said.$text[1]);
    const whole = Object.entries({ ...CONTENT.forms[said.$form], ...said });
    return Object.fromEntries(
      whole.filter(([key]) => key !== "$form").map(([key, value]) => [this.fill(key), this.fill(value)]),
    );
  }

  #text(said: string): Json {
    const name = /^\$(\w+)$/.exec(said)?.[1];
    if (!name) return said;
    this.values[name] ??= name.padEnd(16, "_");
    return this.values[name];
  }

  /** Compares as `loa conform` does: more keys than expected may come. */
  fits(wanted: Json, came: Json): boolean {
    if (wanted === "$any") return true;
    if (Array.isArray(wanted))
      return came?.length === wanted.length && wanted.every((item, nth) => this.fits(item, came[nth]));
    if (wanted === null || typeof wanted !== "object") {
      const name = /^\$(\w+)$/.exec(String(wanted))?.[1];
      if (name && !(name in this.values)) this.values[name] = came;
      return this.fill(wanted) === came;
    }
    if (wanted.$has)
      return wanted.$has.every((one: Json) => came?.some((item: Json) => this.fits(one, item)));
    return Object.entries({ ...CONTENT.forms[wanted.$form], ...wanted }).every(([key, value]) => {
      const name = this.fill(key);
      return value === "$absent" ? !(name in (came ?? {})) : this.fits(value, came?.[name]);
    });
  }
}

interface Waiting {
  readonly said: Json;
  readonly answer: (answer: Response | Promise<Response>) => void;
}

function same(came: Json, wanted: Json): void {
  expect(came).toEqual(wanted);
}

class Player {
  readonly names = new Names();
  #db: Db | undefined;
  #tab = new Tab();
  #waiting: Waiting | undefined;
  #run: Promise<undefined> = Promise.resolve(undefined);
  #asked: ((waiting: Waiting) => void) | undefined;
  #time = 1_627_000_000_000;
  #ended = false;

  constructor() {
    serve(({ path, said }) => {
      if (path !== "sync") return unreached();
      return new Promise((answer) => this.#asked?.({ said, answer }));
    });
  }

  async play(step: Json): Promise<void> {
    this.#db ??= await officer();
    if (step.code) same(isWhole(step.code.replaceAll(" ", "")), step.ok);
    else if (step.save) await this.#save(this.names.fill(step.save), this.names.fill(step.as));
    else if (step.state) await this.#stands(step.state);
    else if (step.kill) await this.#lose();
    else if (step.lost) await this.#lose();
    else if (step.answer && this.#ended) this.#ended = false;
    else await this.#ask(step);
  }

  async #ask(step: Json): Promise<void> {
    if (step.answer) await this.#answer(step.answer);
    else {
      await this.#lose();
      const next = this.#next();
      this.#run = this.#tab.sync(this.#db as Db).then(
        () => undefined,
        () => undefined,
      );
      this.#waiting = await Promise.race([next, this.#run]);
    }
    while (this.#waiting?.said.ask) await this.#answer({ asked: { known: false, runs: [] } });
    if (!("request" in step)) return;
    const came = this.#waiting && { cursors: [], photos: [], writes: [], ...this.#waiting.said };
    const wanted = step.request?.$may ?? step.request;
    this.#ended = !came && step.request?.$may;
    if (this.#ended) return;
    const fits = wanted === null ? !came : this.names.fits(wanted, came);
    expect(fits, `${JSON.stringify(this.names.fill(wanted))} is not ${JSON.stringify(came)}`).toBe(true);
  }

  #next(): Promise<Waiting> {
    return new Promise((asked) => {
      this.#asked = asked;
    });
  }

  async #answer(said: Json): Promise<void> {
    const { said: asked, answer } = this.#waiting as Waiting;
    const next = this.#next();
    answer(this.#response(said, asked));
    this.#waiting = await Promise.race([next, this.#run]);
  }

  /** The answer in lines; one whose pull goes on is cut behind its block. */
  #response({ status = 200, stored = {}, days = 0, more = false, ...said }: Json, asked: Json): Response {
    if (status !== 200) {
      const body = { type: "about:blank", title: "", status, detail: "", code: said.code ?? "internal" };
      return new Response(JSON.stringify(body), {
        status,
        headers: { "Content-Type": "application/problem+json" },
      });
    }
    this.#time += days * DAY_MS + 1000;
    const { results = [], changes = [], cursors = asked.cursors, ...rest } = this.names.fill(said);
    const place = { unit: "u", campaign: "c", number: "BR-1", received: this.#time };
    const rows = Object.entries(this.names.fill(stored)).map(([id, position]) => {
      return { id, result: "stored", ...place, position };
    });
    const order = (asked.writes ?? []).map(({ id }: Json) => id);
    const all = [...results, ...rows].sort((one, other) => order.indexOf(one.id) - order.indexOf(other.id));
    const head = { results: all, photos: [], catalog: "held", server_time: this.#time, minimum_app: 1 };
    const sent = cursors.map((cursor: Json) => ({ reset: false, sealed: null, closed: null, ...cursor }));
    const last = { cursors: sent, ...(!more && { more: false }) };
    return lines([{ ...head, ...rest }, ...changes, last]);
  }

  /** Whatever is under way is cut, as by a kill: what is not on the disk is gone. */
  async #lose(): Promise<void> {
    this.#waiting?.answer(Promise.reject(new TypeError("fetch failed")));
    await this.#run;
    this.#waiting = undefined;
    this.#tab = new Tab();
  }

  async #save({ record, set }: Json, id: string): Promise<void> {
    const { fields = {} } = (record && (await this.#db?.get("records", record))?.view) || {};
    const over = "deleted" in set ? Object.keys(fields) : Object.keys(set);
    const seen = [...new Set(over.flatMap((field) => (fields[field] ?? []).map((side: Json) => side.id)))];
    await wrote(this.#db as Db, ownWrite(id, set, { ...(record && { record }), seen }));
  }

  async #stands({ outbox, refused = {}, records = {} }: Json): Promise<void> {
    const writes = (await this.#db?.getAll("writes")) ?? [];
    const waiting = writes.filter(({ state }) => state === "pending").map(({ id }) => id);
    same(waiting, outbox ? this.names.fill(outbox) : waiting);
    const said = writes.filter(({ state }) => state === "refused").map(({ id, code }) => [id, code]);
    // This app says of a create that nobody brought by a code of its own what X-31 says.
    const codes = said.map(([id, code]) => [id, code === "create_lost" ? "create_missing" : code]);
    const found = { refused: Object.fromEntries(codes), records: {} as Json };
    for (const record of Object.keys(this.names.fill(records))) {
      const { fields = {}, state } = (await this.#db?.get("records", record))?.view ?? {};
      const sides = Object.entries(fields).map(([field, all]) => [
        field,
        Object.fromEntries(all.map(({ id, value }) => [id, value])),
      ]);
      found.records[record] = { state, fields: Object.fromEntries(sides) };
    }
    const fits = this.names.fits({ refused, records }, found);
    expect(
      fits,
      `${JSON.stringify(this.names.fill({ refused, records }))} is not ${JSON.stringify(found)}`,
    ).toBe(true);
  }
}

describe("stories of a client", () => {
  beforeEach(() => {
    newPage();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const stories = CONTENT.stories.filter(({ name, only }: Json) => !(only || ELSEWHERE.includes(name)));
  it.each(stories as { level: string; name: string; steps: Json[] }[])("$level: $name", async ({ steps }) => {
    const player = new Player();
    for (const [nth, step] of steps.entries()) {
      await player.play(step).catch((error: unknown) => {
        throw new Error(`step ${nth + 1}: ${error instanceof Error ? error.message : error}`);
      });
    }
  });
});
