// The reducer alone: no database, no server, no clock. What a run does is the list of its effects (SPEC ).

import fc from "fast-check";
import { expect, test as it } from "vitest";
import type { Head, Push, Question, Result } from "../core/protocol";
import type { Write } from "../core/record";
import { Problem } from "../platform/http";
import { type Effect, type Happening, NEW, type SyncState, step } from "./reducer";

const HEAD: Head = { results: [], photos: [], catalog: "held", server_time: 1, minimum_app: 1 };
const CURSORS = [{ unit: "u", campaign: "c", position: 1, tag: "t", floor: 1 }];

function writeOf(id: string): Write {
  return { id, at: 1, record: id, kind: "banner", unit: "u", campaign: "c", set: { note: id } };
}

/** What becomes of a request: a head, or what is thrown. */
type Server = (question: Question) => Head;

/** A phone and its server as a few values, and a driver that does what the reducer says with them. */
class World {
  readonly outbox: Map<string, Write>;
  readonly aside: string[] = [];
  readonly asked: Question[] = [];
  push: Push | undefined;
  /** Whether the disk has room for anything. */
  room = true;
  etag: string | undefined = "held";
  readonly #server: Server;

  constructor(ids: readonly string[], server: Server) {
    this.outbox = new Map(ids.map((id) => [id, writeOf(id)]));
    this.#server = server;
  }

  /** One run; the effects that it was. */
  run(from: SyncState = NEW): { readonly done: Effect[]; readonly state: SyncState } {
    const done: Effect[] = [];
    let { state, effects } = step(from, { is: "begin" });
    for (let [effect] = effects; effect; [effect] = effects) {
      done.push(effect);
      if (done.length > 9_999) throw new Error("it never ends");
      ({ state, effects } = step(state, this.#do(effect, state)));
    }
    return { done, state };
  }

  #do(effect: Effect, { trip }: SyncState): Happening {
    switch (effect.do) {
      case "look": {
        const outbox = [...this.outbox.values()];
        return {
          is: "seen",
          outbox,
          push: this.push,
          noted: undefined,
          again: false,
          etag: this.etag,
          online: true,
        };
      }
      case "note": {
        const push = { id: JSON.stringify(effect), writes: effect.writes.map(({ id }) => id) };
        if (!this.room) return { is: "noted", push, full: "full" };
        this.push = push;
        return { is: "noted", push };
      }
      case "send":
        this.asked.push(effect.question);
        return { is: "sent", request: { app: 3, cursors: CURSORS, ...effect.question } };
      case "listen":
        return this.#listen(trip);
      case "take head":
        if (!this.room) return { is: "full", error: "full" };
        if (effect.push?.id === this.push?.id) this.push = undefined;
        for (const { id, result } of effect.head.results) if (result === "stored") this.outbox.delete(id);
        return { is: "taken", cursors: CURSORS };
      case "take block":
        return { is: "taken", cursors: CURSORS };
      case "set aside":
        this.aside.push(effect.write.id);
        this.outbox.delete(effect.write.id);
        return { is: "done" };
      case "lack":
        return { is: "lacking", known: [] };
      case "upload":
        return { is: "went" };
      default:
        return { is: "done" };
    }
  }

  #listen(trip: SyncState["trip"]): Happening {
    if (trip?.head) return { is: "block", block: { changes: [], cursors: [], more: false } };
    try {
      return { is: "head", head: this.#server(trip?.question ?? {}) };
    } catch (error) {
      return error instanceof Problem
        ? { is: "failed", error, status: error.status, code: error.code }
        : { is: "failed", error };
    }
  }
}

function storing({ writes = [] }: Question): Head {
  const results = writes.map(({ id }): Result => ({ id, result: "stored", position: 1, number: "" }));
  return { ...HEAD, results };
}

function pushes({ asked }: World): string[][] {
  return asked.flatMap(({ writes }) => (writes ? [writes.map(({ id }) => id)] : []));
}

//
it("X-24, G6: all but the poison arrive, and the poison is set aside, wherever it sits", () => {
  const rows = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(rows, (bad) => {
      const ids = bad.map((poison, nth) => `${poison ? "poison" : "sound"} ${nth}`);
      const arrived: string[] = [];
      const world = new World(ids, (question) => {
        if (question.writes?.some(({ id }) => id.startsWith("poison"))) throw new Problem(400, "bad_request");
        arrived.push(...(question.writes ?? []).map(({ id }) => id));
        return storing(question);
      });
      world.run();
      expect(arrived).toEqual(ids.filter((id) => id.startsWith("sound")));
      expect(world.aside).toEqual(ids.filter((id) => id.startsWith("poison")));
    }),
  );
});

it("a server that is ill sets nothing aside", () => {
  const world = new World(["1", "2", "3"], () => {
    throw new Problem(400, "bad_request");
  });
  const { state } = world.run();
  expect(state.error).toBeInstanceOf(Problem);
  expect(world.asked).toMatchObject([{ push: expect.any(String) }, { ask: expect.any(String) }]);
  expect([world.aside, world.outbox.size]).toEqual([[], 3]);
});

it("a failure once is only that", () => {
  let times = 0;
  const world = new World(["1", "2"], (question) => {
    times += 1;
    if (times === 1) throw new Problem(413, "too_large");
    return storing(question);
  });
  world.run();
  expect(pushes(world)).toEqual([
    ["1", "2"],
    ["1", "2"],
  ]);
  expect(world.outbox.size).toBe(0);
});

it("X-24: a push that is refused as a body is asked for before each new try", () => {
  const world = new World(["1", "2", "3", "4"], (question) => {
    if (question.writes?.some(({ id }) => id === "3")) throw new Problem(400, "bad_request");
    return storing(question);
  });
  world.run();
  const said = world.asked.map(({ writes, ask }) =>
    ask ? "ask" : (writes ?? []).map(({ id }) => id).join(""),
  );
  expect(said).toEqual([
    ...["1234", "ask", "1234", "ask", "12", "34", "ask", "34", "ask", "3", "ask", "3", "ask", "4"],
  ]);
  expect(world.aside).toEqual(["3"]);
});

/** What may become of a request. */
const ANSWERS: Server[] = [
  storing,
  (question) => ({ ...storing(question), catalog: "other" }),
  ({ writes = [] }) => ({
    ...HEAD,
    results: writes.map(({ id }) => ({ id, result: "later", code: "internal" })),
  }),
  () => {
    throw new Problem(0, "unreachable");
  },
  () => {
    throw new Problem(400, "bad_request");
  },
  () => {
    throw new Problem(502, "unavailable");
  },
  () => {
    throw new SyntaxError("no JSON");
  },
];

it("X-15, X-16, X-46: whatever becomes of its requests a run ends, and sends no push that it did not note or ask for before", () => {
  const fates = fc.array(fc.tuple(fc.nat(ANSWERS.length - 1), fc.boolean()), { maxLength: 12 });
  fc.assert(
    fc.property(fc.nat(9), fates, (many, drawn) => {
      const left = [...drawn];
      const ids = Array.from({ length: many }, (_, nth) => `${nth}`);
      const world: World = new World(ids, (question) => {
        const [nth, room] = left.shift() ?? [0, true];
        world.room = room;
        return (ANSWERS[nth] ?? storing)(question);
      });
      for (let runs = 0; left.length > 0 && runs < 20; runs += 1) {
        const { done } = world.run();
        for (const [nth, effect] of done.entries()) {
          if (effect.do !== "send" || !effect.question.push) continue;
          const before = done.slice(0, nth).findLast((one) => one.do === "note" || one.do === "send");
          const asked = before?.do === "send" && before.question.ask === effect.question.push;
          expect(asked || before?.do === "note").toBe(true);
        }
      }
      world.room = true;
      world.run();
      expect(world.aside.length + world.outbox.size).toBeLessThanOrEqual(many);
    }),
  );
});

it("X-46: on a full phone each write goes once in a run, and its answer is not asked for again", () => {
  const world = new World(["1", "2"], (question) => storing(question));
  world.room = false;
  const { state } = world.run();
  expect(world.asked.map(({ ask, push }) => (ask ? "ask" : push ? "push" : "pull"))).toEqual(["ask", "push"]);
  expect([...state.stored]).toEqual(["1", "2"]);
  expect(state.error).toBe("full");
  world.room = true;
  world.run(state);
  expect(world.asked.slice(2).map(({ ask, push }) => (ask ? "ask" : push ? "push" : "pull"))).toEqual([
    "ask",
    "push",
  ]);
  expect(world.outbox.size).toBe(0);
});

it("without a catalogue nothing goes before it; then the text, the catalogue if it is another, files", () => {
  const world = new World(["1"], (question) => ({ ...storing(question), catalog: "new" }));
  world.etag = undefined;
  let { state, effects } = step(NEW, { is: "begin" });
  ({ state, effects } = step(state, {
    ...{
      is: "seen",
      outbox: [],
      push: undefined,
      noted: undefined,
      again: false,
      etag: undefined,
      online: true,
    },
  }));
  expect(effects).toEqual([{ do: "catalog" }]);
  ({ effects } = step(state, { is: "failed", error: "unavailable", status: 500 }));
  expect(effects).toEqual([]);
  world.etag = "old";
  expect(world.run().done.map((effect) => effect.do)).toEqual([
    ...["look", "note", "send", "listen", "take head", "listen", "take block"],
    ...["look", "catalog", "look", "upload", "fetch files"],
  ]);
});

it("X-35: who cannot read answers hands in one push after the other, and asks for none", () => {
  const many = ["a", "b", "c"].map((id) => ({ ...writeOf(id), set: { note: "ă".repeat(40_000) } }));
  const seen = {
    is: "seen",
    push: undefined,
    noted: undefined,
    again: false,
    etag: "",
    online: true,
  } as const;
  const sent: string[] = [];
  let { state, effects } = step(NEW, { is: "begin" });
  while (sent.length < many.length) {
    const outbox = many.filter(({ id }) => !sent.includes(id));
    ({ state, effects } = step(state, { ...seen, outbox }));
    expect(effects).toMatchObject([{ do: "note", writes: [{ id: outbox[0]?.id }] }]);
    ({ state, effects } = step(state, { is: "noted", push: { id: "p", writes: [] } }));
    const [effect] = effects;
    if (effect?.do === "send") sent.push(...(effect.question.writes ?? []).map(({ id }) => id));
    ({ state, effects } = step(state, { is: "handed in" }));
    expect(effects).toEqual([{ do: "look" }]);
  }
  expect(sent).toEqual(["a", "b", "c"]);
});
