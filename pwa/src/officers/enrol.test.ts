import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test as it, vi } from "vitest";
import { type Asked, serve, unreached } from "../platform/server.testing";
import { newPage } from "../platform/stand-ins.testing";
import { until } from "../platform/until.testing";
import { enrol } from "./enrol";
import { beginLeaving, officers } from "./session";

const ENROLLED = { officer: "o", token: "t", device: "d", rescue_key: "k" };
let answers: (() => Response)[];
let asked: readonly Asked[];

beforeEach(() => {
  newPage();
  asked = serve(() => (answers.shift() ?? unreached)());
});
afterEach(async () => {
  for (const session of await officers()) await beginLeaving(session);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function nonces(): Set<unknown> {
  return new Set(asked.map(({ said }) => said.nonce));
}

it("ID-4: a code whose answer was lost goes again with the same nonce, in a page that began anew too", async () => {
  answers = [unreached, () => Response.json(ENROLLED)];
  await expect(enrol("1", () => undefined)).rejects.toMatchObject({ code: "unreachable" });
  expect(await officers()).toEqual([]);
  await enrol("1", () => undefined);
  expect(await officers()).toMatchObject([{ token: "t", database: "loa-d" }]);
  expect(nonces().size).toBe(1);
  answers = [() => Response.json(ENROLLED)];
  await enrol("2", () => undefined);
  expect(nonces().size).toBe(2);
});

it("ID-7: a busy server is asked again by itself, in a while; a wrong code is not", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const busy = () => Response.json({ code: "busy" }, { status: 503 });
  answers = [busy, busy, () => Response.json({ code: "bad_code" }, { status: 400 })];
  const waits = vi.fn();
  const done = expect(enrol("1", waits)).rejects.toMatchObject({ code: "bad_code" });
  for (const times of [1, 2]) {
    await until(() => expect(waits).toHaveBeenCalledTimes(times));
    expect(asked).toHaveLength(times);
    await vi.advanceTimersByTimeAsync(7000);
  }
  await done;
  expect(asked).toHaveLength(3);
});
